import t from 'tap'
import { cookieOf, createPeople, PASSWORD, secretOf } from './accounts.fixture.ts'

t.test('people are added by invitation, changed and removed', async (t) => {
  const { ask, person, signIn } = await createPeople(t)
  const cookie = await person('zoe', 'administrator')
  const added = await ask('POST', '/users', { cookie, body: { name: 'yan@example.org', role: 'operator' } })
  t.equal(added.statusCode, 201)
  const { link, user } = added.json<{ link: { url: string }; user: object }>()
  t.match(user, { name: 'yan@example.org', role: 'operator', createdBy: 'zoe', password: false })
  t.match((await signIn('yan@example.org')).json(), { code: 'auth.failed' }, 'not before the link is used')
  const check = await ask('POST', '/setup/check', { body: { link: secretOf(link.url) } })
  t.match(check.json(), { purpose: 'invitation', name: 'yan@example.org' })
  const entered = await ask('POST', '/setup', { body: { link: secretOf(link.url), password: PASSWORD } })
  t.match(entered.json(), { state: 'signed-in', user: { name: 'yan@example.org', role: 'operator' } })
  const yan = cookieOf(entered)

  for (const [body, code] of [
    [{ name: 'yan@example.org', role: 'viewer' }, 'user.exists'],
    [{ name: 'Yan', role: 'viewer' }, 'input.invalid'],
    [{ name: 'a b', role: 'viewer' }, 'input.invalid'],
    [{ name: '../x', role: 'viewer' }, 'input.invalid'],
    [{ name: 'local', role: 'viewer' }, 'input.invalid'],
    [{ name: 'ann', role: 'root' }, 'input.invalid'],
    [{ name: 'ann' }, 'input.invalid'],
  ] as const)
    t.match((await ask('POST', '/users', { cookie, body })).json(), { code }, JSON.stringify(body))

  t.equal((await ask('GET', '/users', { cookie: yan })).statusCode, 403)
  const path = '/users/yan@example.org'
  const changed = await ask('PATCH', path, { cookie, body: { role: 'viewer' } })
  t.match(changed.json(), { role: 'viewer' })
  t.equal((await ask('GET', '/account', { cookie: yan })).statusCode, 401, 'another role, another session')
  const again = cookieOf(await signIn('yan@example.org'))
  t.equal((await ask('GET', '/account', { cookie: again })).statusCode, 200)
  t.match((await ask('GET', `${path}/sessions`, { cookie })).json(), { sessions: [{ current: false }] })
  t.equal((await ask('DELETE', `${path}/sessions`, { cookie })).statusCode, 204)
  t.equal((await ask('GET', '/account', { cookie: again })).statusCode, 401)
  const last = cookieOf(await signIn('yan@example.org'))
  t.equal((await ask('DELETE', path, { cookie })).statusCode, 204)
  t.equal((await ask('GET', '/account', { cookie: last })).statusCode, 401)
  t.match((await ask('DELETE', path, { cookie })).json(), { code: 'user.unknown' })
  const list = (await ask('GET', '/users', { cookie })).body
  t.notMatch(list, /scrypt|secret|hash/i)
})

t.test('there is always an administrator', async (t) => {
  const { ask, person } = await createPeople(t)
  const cookie = await person('zoe', 'administrator')
  const last = { code: 'user.last', status: 409 }
  t.match((await ask('DELETE', '/users/zoe', { cookie })).json(), last)
  t.match((await ask('PATCH', '/users/zoe', { cookie, body: { role: 'viewer' } })).json(), last)
  t.equal((await ask('PATCH', '/users/zoe', { cookie, body: { role: 'administrator' } })).statusCode, 200)
  await person('yan', 'administrator')
  t.equal((await ask('DELETE', '/users/zoe', { cookie })).statusCode, 204)
})

t.test('powerful changes need the password once more', async (t) => {
  const { ask, person, pass, tokens } = await createPeople(t)
  const cookie = await person('zoe', 'administrator')
  pass(15 * 60_000)
  const add = { body: { name: 'yan', role: 'viewer' } }
  t.match((await ask('POST', '/users', { cookie, ...add })).json(), { code: 'auth.confirm', status: 403 })
  t.match((await ask('POST', '/tokens', { cookie, ...add })).json(), { code: 'auth.confirm' })
  const wrong = await ask('POST', '/session/confirm', { cookie, body: { password: 'wrong' } })
  t.match(wrong.json(), { code: 'auth.failed' })
  t.equal((await ask('GET', '/account', { cookie })).statusCode, 200, 'a typing error signs nobody out')
  const confirmed = await ask('POST', '/session/confirm', { cookie, body: { password: PASSWORD } })
  t.equal((await ask('GET', '/account', { cookie })).statusCode, 401)
  t.equal((await ask('POST', '/users', { cookie: cookieOf(confirmed), ...add })).statusCode, 201)
  const { token } = tokens.create({ name: 'ci', role: 'administrator' }, 'local')
  const headers = { authorization: `Bearer ${token}` }
  t.equal(
    (await ask('POST', '/users', { headers, from: 'nobody', body: { name: 'ann', role: 'viewer' } }))
      .statusCode,
    201,
    'a token is asked nothing',
  )
  t.match((await ask('GET', '/account', { headers })).json(), { code: 'session.needed' })
})

t.test('a reset ends what was before, and the pauses', async (t) => {
  const { ask, person, accounts, signIn } = await createPeople(t)
  const cookie = await person('zoe', 'administrator')
  for (let count = 0; count < 7; count++) await signIn('zoe', { password: 'wrong' })
  t.match((await signIn('zoe')).json(), { code: 'auth.paused' })
  const link = secretOf(accounts.people.link('zoe', false).url)
  t.equal((await signIn('zoe')).statusCode, 200, 'the way out of the pauses')
  const body = { link, password: 'un lapin mange sept carottes' }
  t.match((await ask('POST', '/setup', { body })).json(), {
    state: 'signed-in',
    user: { role: 'administrator' },
  })
  t.equal((await ask('GET', '/account', { cookie })).statusCode, 401)
  t.throws(() => accounts.people.link('nobody', false), { code: 'user.unknown' })
})

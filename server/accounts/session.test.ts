import { readFileSync } from 'node:fs'
import t from 'tap'
import { cookieOf, createPeople, PASSWORD, secretOf, setCookieOf } from './accounts.fixture.ts'

const DAY_MS = 86_400_000

t.test('the first administrator comes in by a link that works once', async (t) => {
  const { ask, accounts, pass } = await createPeople(t)
  t.same((await ask('GET', '/session')).json(), { state: 'setup' })
  const { url, expires } = accounts.people.setupLink()
  t.match(url, /^https:\/\/summoner\.example\.org\/setup#[A-Za-z0-9_-]{43}$/)
  t.equal(expires, '2026-03-02T12:00:00.000Z')
  const link = secretOf(url)
  t.match((await ask('POST', '/setup/check', { body: { link } })).json(), { purpose: 'administrator' })
  for (const [body, code] of [
    [{ link, password: PASSWORD }, 'input.invalid'],
    [{ link, name: 'zoe', password: 'password1234' }, 'password.weak'],
    [{ link, name: 'Zoe', password: PASSWORD }, 'input.invalid'],
    [{ link, name: 'local', password: PASSWORD }, 'input.invalid'],
    [{ link: `${link.slice(0, -2)}AA`, name: 'zoe', password: PASSWORD }, 'link.invalid'],
    [{ link: '', name: 'zoe', password: PASSWORD }, 'link.invalid'],
  ] as const)
    t.match((await ask('POST', '/setup', { body })).json(), { code }, JSON.stringify(body))

  const body = { link, name: 'zoe', password: PASSWORD }
  const both = await Promise.all([ask('POST', '/setup', { body }), ask('POST', '/setup', { body })])
  t.same(both.map(({ statusCode }) => statusCode).sort(), [201, 410], 'of two at once one comes in')
  const made = both.find(({ statusCode }) => statusCode === 201)
  t.match(made?.json(), { state: 'signed-in', user: { name: 'zoe', role: 'administrator' } })
  t.match((await ask('POST', '/setup', { body })).json(), { code: 'link.invalid' })
  t.throws(() => accounts.people.setupLink(), { code: 'setup.done' })
  t.same((await ask('GET', '/session')).json(), { state: 'signed-out' })

  const late = accounts.people.add({ name: 'late', role: 'viewer' }, 'zoe').link
  pass(7 * DAY_MS)
  t.match((await ask('POST', '/setup/check', { body: { link: secretOf(late.url) } })).json(), {
    code: 'link.invalid',
  })
})

t.test('the newest setup link is the only one; none is left behind', async (t) => {
  const { ask, accounts, db } = await createPeople(t)
  const old = secretOf(accounts.people.setupLink().url)
  const link = secretOf(accounts.people.setupLink().url)
  t.equal((await ask('POST', '/setup/check', { body: { link: old } })).statusCode, 410)
  await ask('POST', '/setup', { body: { link, name: 'zoe', password: PASSWORD } })
  t.equal(db.prepare('SELECT count(*) FROM account_links').pluck().get(), 0)
})

t.test('the cookie', async (t) => {
  const { ask, person, signIn, db } = await createPeople(t)
  await person('zoe', 'viewer')
  const answer = await signIn('  ZOE ')
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  const set = setCookieOf(answer)
  t.match(set, /^__Host-summoner=[0-9a-f]{16}\.[A-Za-z0-9_-]{43}; /)
  for (const part of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict', 'Max-Age=2592000'])
    t.ok(set.split('; ').includes(part), part)
  t.notMatch(set, /domain/i)
  const [, value = ''] = cookieOf(answer).split('=')
  t.notMatch(answer.body, new RegExp(value.slice(17)), 'no script ever reads the secret')
  db.pragma('wal_checkpoint(TRUNCATE)')
  const secret = Buffer.from(value.slice(17), 'base64url')
  t.equal(readFileSync(db.name).indexOf(secret), -1, 'only its hash is kept')
  t.equal(readFileSync(db.name).indexOf(value.slice(17)), -1)

  const plain = await signIn('zoe', {}, { headers: { 'x-forwarded-proto': 'http' } })
  t.match(setCookieOf(plain), /^summoner=/)
  t.notMatch(setCookieOf(plain), /Secure/, 'a box without HTTPS')
  const planted = cookieOf(plain)
  t.equal((await ask('GET', '/account', { cookie: planted })).statusCode, 401, 'no neighbour plants one')
})

t.test('a sign-in makes a new session, whatever the browser came with', async (t) => {
  const { ask, person, signIn } = await createPeople(t)
  const attacker = await person('mallory', 'viewer')
  await person('zoe', 'administrator')
  const before = cookieOf(await signIn('zoe'))
  const after = cookieOf(await signIn('zoe', {}, { cookie: before }))
  t.not(after, before)
  t.equal((await ask('GET', '/account', { cookie: before })).statusCode, 401, 'the old one has ended')
  t.match((await ask('GET', '/account', { cookie: after })).json(), { name: 'zoe' })
  const fixed = cookieOf(await signIn('zoe', {}, { cookie: attacker }))
  t.not(fixed, attacker)
  t.equal((await ask('GET', '/account', { cookie: attacker })).statusCode, 401, 'a planted session ends')
  const chosen = `__Host-summoner=${'a'.repeat(16)}.${'A'.repeat(43)}`
  t.not(cookieOf(await signIn('zoe', {}, { cookie: chosen })), chosen)
  t.equal((await ask('GET', '/account', { cookie: chosen })).statusCode, 401)
})

t.test('sessions end: signed out, idle, old, revoked', async (t) => {
  const { ask, person, signIn, pass } = await createPeople(t)
  const first = await person('zoe', 'viewer')
  const works = async (cookie: string) => (await ask('GET', '/account', { cookie })).statusCode === 200
  t.ok(await works(first))
  const out = await ask('DELETE', '/session', { cookie: first })
  t.equal(out.statusCode, 204)
  t.match(setCookieOf(out), /^__Host-summoner=; .*Expires=Thu, 01 Jan 1970/)
  t.notOk(await works(first))
  t.equal((await ask('DELETE', '/session')).statusCode, 204, 'twice does no harm')

  const idle = cookieOf(await signIn('zoe'))
  pass(3 * DAY_MS - 1)
  t.ok(await works(idle), 'used within three days')
  pass(3 * DAY_MS)
  t.notOk(await works(idle))

  const old = cookieOf(await signIn('zoe'))
  for (let day = 0; day < 29; day++) {
    pass(DAY_MS)
    t.ok(await works(old))
  }
  pass(DAY_MS)
  t.notOk(await works(old), 'thirty days are the most, however often it was used')

  const here = cookieOf(await signIn('zoe'))
  const there = cookieOf(await signIn('zoe', {}, { headers: { 'user-agent': 'Elsewhere/2 (<b>\u00e9)' } }))
  const list = (await ask('GET', '/account/sessions', { cookie: here })).json<{
    sessions: { id: string; current: boolean; device: string }[]
  }>().sessions
  t.equal(list.length, 2)
  const other = list.find(({ current }) => !current)
  t.match(other, { device: 'Elsewhere/2 (<b>?)', address: /^198\.51\./ })
  const end = async (id: string, cookie: string) =>
    (await ask('DELETE', `/account/sessions/${id}`, { cookie })).statusCode
  const stranger = await person('mallory', 'administrator')
  t.equal(await end(other?.id ?? '', stranger), 404, 'of others nobody ends sessions by this address')
  t.ok(await works(there))
  t.equal(await end(other?.id ?? '', here), 204)
  t.notOk(await works(there))
  t.ok(await works(here))
  const third = cookieOf(await signIn('zoe'))
  t.equal((await ask('DELETE', '/account/sessions', { cookie: here })).statusCode, 204)
  t.notOk(await works(third))
  t.ok(await works(here))
})

t.test('the last use is written once a minute', async (t) => {
  const { ask, person, pass, db } = await createPeople(t)
  const cookie = await person('zoe', 'viewer')
  const writes = () => db.prepare('SELECT total_changes()').pluck().get() as number
  const before = writes()
  for (let count = 0; count < 50; count++) {
    await ask('GET', '/account', { cookie })
    pass(2000)
  }
  t.equal(writes() - before, 1)
})

t.test('a name that nobody has is answered like a wrong password, pauses included', async (t) => {
  const { ask, person, pass, signIn } = await createPeople(t)
  await person('zoe', 'administrator')
  const invited = await ask('POST', '/session', { body: { name: 'nobody-yet', password: PASSWORD } })
  const tries = async (name: string) => {
    const answers: string[] = []
    for (let count = 0; count < 9; count++) {
      const { statusCode, body } = await ask('POST', '/session', { body: { name, password: 'wrong' } })
      answers.push(`${statusCode} ${body}`)
      if (count < 6) pass(10_000)
    }
    return answers
  }
  const unknown = await tries('zelda')
  const known = await tries('zoe')
  t.same(known, unknown, 'no difference, try by try')
  t.match(known.at(0), /^401 .*auth\.failed/)
  t.match(known.at(-1), /^429 .*auth\.paused/)
  t.match(invited.json(), { code: 'auth.failed' })
  t.match((await signIn('zoe')).json(), { code: 'auth.paused' }, 'not even the right password')
  pass(15 * 60_000)
  t.equal((await signIn('zoe')).statusCode, 200)
  t.match((await signIn('zoe', { password: 'wrong' })).json(), { code: 'auth.failed' }, 'counted anew')
})

t.test('a team may hear of sign-ins, never of a name that nobody has', async (t) => {
  const { ask, person, pass, signIn, events } = await createPeople(t)
  await person('zoe', 'administrator')
  const told = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return events.list().map(({ type, severity, title }) => `${severity} ${type}: ${title}`)
  }
  t.match(await told(), [/^info sign-in.succeeded: zoe signed in from 198\.51\./], 'by her link')
  const wrong = (name: string) => ask('POST', '/session', { body: { name, password: 'hunter2' } })
  for (let count = 1; count <= 12; count++) {
    await wrong('zoe')
    await wrong('hunter3')
    pass(16 * 60_000)
  }
  const failed = (await told()).slice(1)
  t.equal(failed.length, 13, 'twelve failures, and one word that it is no typing error')
  t.equal(failed[0], 'warning sign-in.failed: A sign-in as zoe failed')
  t.equal(
    failed[10],
    'error sign-in.locked: 10 sign-ins as zoe failed in a row; nobody can try again for 32 seconds',
  )
  t.notMatch(JSON.stringify(events.list()), /hunter/)
  await signIn('zoe')
  t.match((await told()).at(-1), /^info sign-in.succeeded/)
  await wrong('zoe')
  await told()
  t.match(events.list().at(-1), { type: 'sign-in.failed', data: { tries: 1 } }, 'counted anew')
})

t.test('guesses at once are counted one by one', async (t) => {
  const { ask, person } = await createPeople(t)
  await person('zoe', 'administrator')
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => ask('POST', '/session', { body: { name: 'zoe', password: 'x' } })),
  )
  t.equal(answers.filter(({ statusCode }) => statusCode === 401).length, 6)
  t.equal(answers.filter(({ statusCode }) => statusCode === 429).length, 14)
})

t.test('one client may knock twenty times a minute', async (t) => {
  const { ask } = await createPeople(t)
  const statuses: number[] = []
  for (let count = 0; count < 21; count++)
    statuses.push(
      (
        await ask('POST', '/session', {
          body: { name: `name${count}`, password: 'x' },
          client: '203.0.113.9',
        })
      ).statusCode,
    )
  t.equal(statuses.at(-1), 429)
  t.same(new Set(statuses.slice(0, 20)), new Set([401]))
})

t.test('a password goes with the sessions that knew it', async (t) => {
  const { ask, person, signIn } = await createPeople(t)
  const cookie = await person('zoe', 'viewer')
  const other = cookieOf(await signIn('zoe'))
  const change = async (body: object) => ask('PUT', '/account/password', { cookie, body })
  t.match((await change({ current: 'wrong', password: 'un lapin mange sept carottes' })).json(), {
    code: 'auth.failed',
  })
  t.match((await change({ current: PASSWORD, password: 'zoe zoe zoe zoe' })).json(), {
    code: 'password.weak',
  })
  const changed = await change({ current: PASSWORD, password: 'un lapin mange sept carottes' })
  t.equal(changed.statusCode, 204)
  for (const old of [cookie, other]) t.equal((await ask('GET', '/account', { cookie: old })).statusCode, 401)
  t.equal((await ask('GET', '/account', { cookie: cookieOf(changed) })).statusCode, 200)
  t.equal((await signIn('zoe')).statusCode, 401)
  t.equal((await signIn('zoe', { password: 'un lapin mange sept carottes' })).statusCode, 200)
})

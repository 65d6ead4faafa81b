import t from 'tap'
import { senderOf } from '../http/session-cookie.ts'
import { declaredRoutes } from '../http/walk-routes.ts'
import { cookieOf, createPeople, ORIGIN, PASSWORD } from './accounts.fixture.ts'

t.test('who sent it', async (t) => {
  const said: [Record<string, string>, string][] = [
    [{}, 'unsaid'],
    [{ origin: ORIGIN }, 'page'],
    [{ 'sec-fetch-site': 'same-origin' }, 'page'],
    [{ 'sec-fetch-site': 'none' }, 'typed'],
    [{ origin: ORIGIN, 'sec-fetch-site': 'none' }, 'page'],
    [{ origin: ORIGIN, 'sec-fetch-site': 'same-origin' }, 'page'],
    [{ origin: ORIGIN, 'sec-fetch-site': 'cross-site' }, 'elsewhere'],
    [{ origin: 'null' }, 'elsewhere'],
    [{ origin: 'null', 'sec-fetch-site': 'same-origin' }, 'elsewhere'],
    [{ 'sec-fetch-site': 'same-site' }, 'elsewhere'],
    [{ 'sec-fetch-site': 'cross-site' }, 'elsewhere'],
    [{ 'sec-fetch-site': 'something new' }, 'elsewhere'],
    [{ origin: `${ORIGIN}.evil.example` }, 'elsewhere'],
    [{ origin: `${ORIGIN}:8443` }, 'elsewhere'],
    [{ origin: 'http://summoner.example.org' }, 'elsewhere'],
    [{ origin: 'https://cloud.example.org' }, 'elsewhere'],
    [{ origin: '' }, 'elsewhere'],
  ]
  for (const [headers, sender] of said) t.equal(senderOf(headers, ORIGIN), sender, JSON.stringify(headers))
})

t.test('no other page changes anything with a cookie, on any route', async (t) => {
  const { app, ask, person, signIn } = await createPeople(t)
  await person('zoe', 'administrator')
  let tried = 0
  for (const { method, url } of declaredRoutes(app)) {
    if (method === 'GET' || url.includes('/docs/')) continue
    const cookie = cookieOf(await signIn('zoe'))
    const path = url.replace('/api/v1', '').replaceAll(/:\w+/g, 'zoe')
    for (const from of ['same-site', 'cross-site', 'nobody'] as const) {
      tried++
      const { statusCode, body } = await ask(method, path, { cookie, from })
      t.equal(statusCode, 403, `${method} ${url} from ${from}`)
      t.match(body, /auth\.origin/)
    }
    for (const headers of [
      { origin: 'null' },
      { origin: `${ORIGIN}:443` },
      { referer: `${ORIGIN}/` },
      { 'sec-fetch-site': 'none' },
    ]) {
      tried++
      t.equal((await ask(method, path, { cookie, from: 'nobody', headers })).statusCode, 403)
    }
    t.equal((await ask('GET', '/account', { cookie })).statusCode, 200, 'and the session lives on')
  }
  t.ok(tried >= 100, `${tried} tries`)
})

t.test('no other page signs anybody in or out, or opens a link', async (t) => {
  const { ask, person } = await createPeople(t)
  await person('zoe', 'administrator')
  const body = { name: 'zoe', password: PASSWORD }
  for (const from of ['same-site', 'cross-site'] as const) {
    const answer = await ask('POST', '/session', { body, from })
    t.equal(answer.statusCode, 403, from)
    t.notOk(answer.headers['set-cookie'])
    for (const path of ['/setup', '/setup/check', '/session/passkey', '/session/passkey/options'])
      t.equal((await ask('POST', path, { body: {}, from })).statusCode, 403, path)
  }
  t.equal((await ask('POST', '/session', { body, from: 'nobody' })).statusCode, 200, 'a program may')
})

t.test('what other pages load with a cookie is answered as to a stranger', async (t) => {
  const { ask, person } = await createPeople(t)
  const cookie = await person('zoe', 'administrator')
  for (const from of ['same-site', 'cross-site'] as const) {
    t.equal((await ask('GET', '/users', { cookie, from })).statusCode, 401, from)
    t.same((await ask('GET', '/session', { cookie, from })).json(), { state: 'signed-out' })
  }
  t.equal((await ask('GET', '/users', { cookie, from: 'nobody' })).statusCode, 200)
  const answer = await ask('GET', '/users', { cookie })
  for (const header of Object.keys(answer.headers)) t.notMatch(header, /access-control/)
  t.match(answer.headers, { 'x-frame-options': /./, 'content-security-policy': /frame-ancestors 'none'/ })
})

t.test('forms of old: no content type that needs no preflight is accepted', async (t) => {
  const { app, person } = await createPeople(t)
  const cookie = await person('zoe', 'administrator')
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/api/v1/users',
      payload: '{"name":"x","role":"administrator"}',
      headers: { cookie, 'content-type': type, 'x-forwarded-proto': 'https', origin: ORIGIN },
    })
    t.equal(statusCode, 415, type)
  }
})

t.test('nothing that is not a session opens a door', async (t) => {
  const { ask, person, tokens } = await createPeople(t)
  const cookie = await person('zoe', 'administrator')
  const [name = '', value = ''] = cookie.split('=')
  const [id = '', secret = ''] = value.split('.')
  const { token } = tokens.create({ name: 'ci', role: 'administrator' }, 'local')
  const other = (await person('yan', 'viewer')).split('.')[1] ?? ''
  for (const wrong of [
    '',
    id,
    `${id}.`,
    `${id}.${secret.slice(0, -1)}`,
    `${id}.${secret}A`,
    `${id}.${other}`,
    `${id.toUpperCase()}.${secret}`,
    `${'0'.repeat(16)}.${secret}`,
    `' OR 1=1 --.${secret}`,
    `${value}%00`,
    token,
  ])
    t.equal((await ask('GET', '/account', { cookie: `${name}=${wrong}` })).statusCode, 401, wrong)
  t.equal((await ask('GET', '/account', { cookie: `summoner=${value}` })).statusCode, 401, 'another name')
  t.equal((await ask('GET', '/account', { headers: { authorization: `Bearer ${value}` } })).statusCode, 401)
  t.equal((await ask('GET', `/account?session=${value}`)).statusCode, 401)
  t.equal(
    (await ask('GET', '/account', { cookie, headers: { 'x-forwarded-proto': 'http' } })).statusCode,
    401,
    'not over plain HTTP',
  )
  const mixed = { cookie, headers: { authorization: 'Bearer wrong' } }
  t.equal((await ask('GET', '/account', mixed)).statusCode, 401, 'a wrong token is not mended by a cookie')
})

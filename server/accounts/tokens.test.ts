import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { openDatabase } from '../db/open-database.ts'
import { createHttp } from '../http/create-http.ts'
import { createTokens } from './create-tokens.ts'
import { parseToken } from './token.ts'
import { tokensRoutes } from './tokens.routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'summoner-tokens-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function box() {
  const file = join(folder, `${++files}.db`)
  const { db } = openDatabase({ file, log: { info() {}, error() {} } })
  const clock = { now: new Date('2026-03-01T12:00:00.000Z') }
  const tokens = createTokens({ db, randomBytes, now: () => clock.now })
  const pass = (ms: number) => (clock.now = new Date(clock.now.getTime() + ms))
  return { file, db, tokens, pass }
}

const refused = { code: 'auth.required', status: 401 }

t.test('a token says who one is, and nothing else does', async (t) => {
  const { tokens } = box()
  const { id, token } = tokens.create({ name: 'ci', role: 'operator' }, 'local')
  t.match(token, /^sum_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/)
  t.same(tokens.authenticate(token), { name: 'ci', role: 'operator' })
  const other = tokens.create({ name: 'other', role: 'viewer' }, 'local')
  const secretOf = (text: string) => text.split('_').slice(2).join('_')
  const flipped = token.slice(0, -3) + (token.at(-3) === 'A' ? 'B' : 'A') + token.slice(-2)
  const wrong = [
    '',
    'sum_',
    id,
    token.slice(0, -1),
    `${token}A`,
    ` ${token}`,
    `${token}\n`,
    token.toUpperCase(),
    flipped,
    `sum_${id}_${secretOf(other.token)}`,
    `sum_${'0'.repeat(12)}_${secretOf(token)}`,
    `sum_${id}_${'A'.repeat(43)}`,
    `sum_' OR 1=1 --_${'A'.repeat(43)}`,
  ]
  for (const text of wrong) t.throws(() => tokens.authenticate(text), refused, JSON.stringify(text))
})

t.test('only the hash is kept', async (t) => {
  const { tokens, db, file } = box()
  const { token } = tokens.create({ name: 'ci', role: 'viewer' }, 'local')
  const { secret } = parseToken(token) ?? { secret: Buffer.from('never') }
  db.pragma('wal_checkpoint(TRUNCATE)')
  const bytes = readFileSync(file)
  t.equal(bytes.indexOf(secret), -1)
  t.equal(bytes.indexOf(secret.toString('base64url')), -1)
  t.not(bytes.indexOf('ci'), -1, 'the right file was searched')
  t.notMatch(JSON.stringify(tokens.list()), new RegExp(token.slice(-20)))
  t.notMatch(JSON.stringify(tokens.list()), /sha|hash|secret/i)
})

t.test('expiry and removal', async (t) => {
  const { tokens, pass } = box()
  const make = (expires: string) => tokens.create({ name: 'a', role: 'viewer', expires }, 'x')
  for (const past of ['2026-03-01T12:00:00Z', '2020-01-01T00:00:00Z', '2026-03-01T13:00:00+02:00'])
    t.throws(() => make(past), { code: 'input.invalid', at: { path: 'expires' } }, past)
  const { id, token } = make('2026-03-01T14:00:00+01:00')
  t.equal(tokens.list()[0]?.expires, '2026-03-01T13:00:00.000Z')
  pass(3_599_999)
  t.ok(tokens.authenticate(token))
  pass(1)
  t.throws(() => tokens.authenticate(token), { ...refused, message: /expired at 2026-03-01T13/ })
  t.throws(
    () => tokens.authenticate(token.slice(0, -2) + 'AA'),
    { ...refused, message: /not known/ },
    'only its owner hears that it expired',
  )
  tokens.remove(id)
  t.throws(() => tokens.remove(id), { code: 'token.unknown' })
  t.same(tokens.list(), [])

  const lasting = tokens.create({ name: 'b', role: 'viewer' }, 'x')
  pass(10 * 365 * 86_400_000)
  t.ok(tokens.authenticate(lasting.token))
  tokens.remove(lasting.id)
  t.throws(() => tokens.authenticate(lasting.token), refused)
})

t.test('the last use is written once a minute', async (t) => {
  const { tokens, db, pass } = box()
  const { token } = tokens.create({ name: 'a', role: 'viewer' }, 'x')
  t.equal(tokens.list()[0]?.lastUsed, undefined)
  const writes = () => db.prepare('SELECT total_changes()').pluck().get() as number
  const before = writes()
  for (let count = 0; count < 50; count++) {
    tokens.authenticate(token)
    pass(1000)
  }
  t.equal(writes() - before, 1)
  t.equal(tokens.list()[0]?.lastUsed, '2026-03-01T12:00:00.000Z')
  pass(10_000)
  tokens.authenticate(token)
  t.equal(tokens.list()[0]?.lastUsed, '2026-03-01T12:01:00.000Z')
})

t.test('over HTTP', async (t) => {
  const { tokens, pass } = box()
  const admin = tokens.create({ name: 'root', role: 'administrator' }, 'local').token
  pass(1000)
  const app = await createHttp({
    logger: pino({ level: 'silent' }),
    authenticate: tokens.authenticate,
    version: '1',
  })
  await app.register(tokensRoutes({ tokens }), { prefix: '/api/v1' })
  t.teardown(() => app.close())
  const call = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, token = admin) =>
    app.inject({
      method,
      url: `/api/v1${url}`,
      headers: { authorization: `Bearer ${token}` },
      ...(payload ? { payload } : {}),
    })

  const made = await call('POST', '/tokens', { name: 'ci', role: 'operator' })
  t.equal(made.statusCode, 201)
  t.equal(made.headers['cache-control'], 'no-store')
  const { id, token } = made.json<{ id: string; token: string }>()
  t.same(tokens.authenticate(token), { name: 'ci', role: 'operator' })
  const list = await call('GET', '/tokens')
  t.match(list.json(), {
    tokens: [{ name: 'root' }, { id, name: 'ci', role: 'operator', createdBy: 'root' }],
  })
  t.notMatch(list.body, new RegExp(token.slice(17)))
  t.equal((await call('GET', '/tokens', undefined, token)).statusCode, 403)
  t.equal((await call('DELETE', `/tokens/${id}`)).statusCode, 204)
  t.match((await call('DELETE', `/tokens/${id}`)).json(), { code: 'token.unknown', status: 404 })
  t.equal((await call('GET', '/tokens', undefined, token)).statusCode, 401)
  for (const body of [
    {},
    { name: 'x' },
    { name: 'x', role: 'root' },
    { name: '', role: 'viewer' },
    { name: 'x'.repeat(81), role: 'viewer' },
    { name: 'a\nb', role: 'viewer' },
    { name: 'x', role: 'viewer', expires: 'tomorrow' },
    { name: 'x', role: 'viewer', expires: '2020-01-01T00:00:00Z' },
    { name: 'x', role: 'viewer', id: 'mine' },
  ])
    t.match((await call('POST', '/tokens', body)).json(), { code: 'input.invalid' }, JSON.stringify(body))
  t.equal(tokens.list().length, 1)
  let status = 0
  for (let count = 0; count < 31; count++)
    status = (await call('POST', '/tokens', { name: 'many', role: 'viewer' })).statusCode
  t.equal(status, 429)
})

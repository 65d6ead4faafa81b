import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SummonerError } from '../errors.ts'
import { createHttp } from '../http/create-http.ts'
import { createLogger } from '../http/logger.ts'
import type { Role } from '../http/roles.ts'
import { createConfigFile, etagOf } from './config-file.ts'
import { configRoutes } from './config.routes.ts'

const text = 'summoner:\n  domain: a.example # mine\n'
const next = text.replace('a.example', 'b.example')

async function box(t: Test) {
  const folder = t.testdir({ 'config.yml': text })
  const path = join(folder, 'config.yml')
  const configFile = createConfigFile({
    path,
    home: '/home/ada',
    previousDir: join(folder, 'previous'),
    clock: () => new Date(0),
  })
  const app = await createHttp({
    logger: createLogger({ level: 'silent' }),
    version: '0',
    authenticate: (credential) => {
      if (!['viewer', 'operator', 'administrator'].includes(credential)) {
        throw new SummonerError('auth.required', 'Unknown.')
      }
      return { name: 'test', role: credential as Role }
    },
  })
  await app.register(configRoutes({ configFile }), { prefix: '/api/v1' })
  t.teardown(() => app.close())
  const call = (
    method: 'GET' | 'PUT',
    body?: unknown,
    headers: Record<string, string> = {},
    role: Role = 'administrator',
  ) =>
    app.inject({
      method,
      url: '/api/v1/config',
      headers: {
        authorization: `Bearer ${role}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
  return { path, call, now: () => readFileSync(path, 'utf8') }
}

t.test('GET answers text and tag', async (t) => {
  const { call } = await box(t)
  const response = await call('GET')
  t.equal(response.statusCode, 200)
  t.same(response.json(), { text, etag: etagOf(text) })
  t.equal(response.headers['etag'], etagOf(text))
})

t.test('GET shows an invalid file with what is wrong', async (t) => {
  const { call, path } = await box(t)
  writeFileSync(path, text.replace('domain', 'domian'))
  const response = await call('GET')
  t.equal(response.statusCode, 200)
  t.match(response.json(), {
    text: /domian/,
    problem: {
      code: 'config.invalid',
      status: 409,
      line: 2,
      column: 3,
      errors: [{ line: 2, column: 3 }, {}],
    },
  })
})

t.test('PUT replaces the version that was edited', async (t) => {
  const { call, now } = await box(t)
  const response = await call('PUT', { text: next }, { 'if-match': etagOf(text) })
  t.equal(response.statusCode, 200)
  t.same(response.json(), { text: next, etag: etagOf(next) })
  t.equal(response.headers['etag'], etagOf(next))
  t.equal(now(), next)
})

const refused: [
  what: string,
  body: unknown,
  headers: Record<string, string>,
  status: number,
  code: string,
][] = [
  ['no If-Match', { text: next }, {}, 428, 'config.precondition'],
  ['an old tag', { text: next }, { 'if-match': '"0"' }, 412, 'config.stale'],
  ['an invalid text', { text: 'summoner: 1' }, { 'if-match': etagOf(text) }, 409, 'config.invalid'],
  ['no text', {}, { 'if-match': etagOf(text) }, 422, 'input.invalid'],
  ['a number', { text: 1 }, { 'if-match': etagOf(text) }, 422, 'input.invalid'],
  ['more than a text', { text: next, force: true }, { 'if-match': etagOf(text) }, 422, 'input.invalid'],
  ['2 MiB', { text: `${text}#${'x'.repeat(2 ** 21)}` }, { 'if-match': etagOf(text) }, 409, 'config.invalid'],
  ['8 MiB', { text: 'x'.repeat(2 ** 23) }, { 'if-match': etagOf(text) }, 413, 'request.too-large'],
  ['a bomb', { text: '['.repeat(100_000) }, { 'if-match': etagOf(text) }, 409, 'config.invalid'],
]
for (const [what, body, headers, status, code] of refused) {
  t.test(`PUT refuses ${what}`, async (t) => {
    const { call, now } = await box(t)
    const response = await call('PUT', body, headers)
    t.equal(response.statusCode, status)
    t.match(response.headers['content-type'], /^application\/problem\+json/)
    t.match(response.json(), { code, status })
    t.equal(now(), text)
  })
}

t.test('roles', async (t) => {
  const { call, now } = await box(t)
  t.equal((await call('GET', undefined, {}, 'viewer')).statusCode, 403)
  t.equal((await call('GET', undefined, {}, 'operator')).statusCode, 200)
  t.equal((await call('PUT', { text: next }, { 'if-match': '*' }, 'operator')).statusCode, 403)
  t.equal((await call('GET', undefined, { authorization: 'Bearer nobody' })).statusCode, 401)
  t.equal(now(), text)
})

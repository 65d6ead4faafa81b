import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SummonerError } from '../errors.ts'
import { createHttp } from '../http/create-http.ts'
import { createLogger } from '../http/logger.ts'
import { createRedactor } from './redact.ts'
import { createSecrets } from './secrets.ts'
import { secretsRoutes } from './secrets.routes.ts'

const CANARY = 'canary-4711'

async function box(t: Test) {
  const secrets = createSecrets({ dir: join(t.testdir({}), 'secrets'), redactor: createRedactor() })
  const app = await createHttp({
    logger: createLogger({ level: 'silent' }),
    version: '0',
    authenticate: (credential) => {
      if (credential !== 'operator' && credential !== 'administrator') {
        throw new SummonerError('auth.required', 'Unknown.')
      }
      return { name: 'test', role: credential }
    },
  })
  await app.register(secretsRoutes({ secrets }), { prefix: '/api/v1' })
  t.teardown(() => app.close())
  const answers: string[] = []
  const call = async (
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    role = 'administrator',
  ) => {
    const response = await app.inject({
      method,
      url: `/api/v1/secrets${path}`,
      headers: {
        authorization: `Bearer ${role}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    answers.push(JSON.stringify(response.headers) + response.body)
    return response
  }
  return { secrets, call, answers }
}

t.test('values go in and never come out', async (t) => {
  const { secrets, call, answers } = await box(t)
  const put = await call('PUT', '/smtp', { value: CANARY })
  t.equal(put.statusCode, 200)
  t.match(put.json(), { name: 'smtp', updatedAt: String })
  t.equal(secrets.get('smtp'), CANARY)
  t.match((await call('GET', '')).json(), { secrets: [{ name: 'smtp', updatedAt: String }] })
  t.equal((await call('GET', '/smtp')).statusCode, 404, 'there is no such route')
  t.equal((await call('DELETE', '/smtp')).statusCode, 204)
  t.same((await call('GET', '')).json(), { secrets: [] })
  const again = await call('DELETE', '/smtp')
  t.match([again.statusCode, again.json()], [404, { code: 'secret.unknown' }])
  t.notMatch(answers.join('\n'), CANARY)
})

const refused: [what: string, path: string, body: unknown][] = [
  ['an upper-case name', '/SMTP', { value: CANARY }],
  ['a name that climbs', '/..%2f..%2fetc', { value: CANARY }],
  ['a name with a dot', '/a.tmp', { value: CANARY }],
  ['a long name', `/a${'b'.repeat(40)}`, { value: CANARY }],
  ['an empty value', '/smtp', { value: '' }],
  ['a number', '/smtp', { value: 4711 }],
  ['a NUL', '/smtp', { value: `${CANARY}\0` }],
  ['more than a value', '/smtp', { value: CANARY, show: true }],
  ['a value too long', '/smtp', { value: 'x'.repeat(65_537) }],
]
for (const [what, path, body] of refused) {
  t.test(`refuses ${what}`, async (t) => {
    const { secrets, call, answers } = await box(t)
    const response = await call('PUT', path, body)
    t.match([response.statusCode, response.json()], [422, { code: 'input.invalid' }])
    t.same(secrets.list(), [])
    t.notMatch(answers.join('\n'), CANARY)
  })
}

t.test('roles', async (t) => {
  const { call, secrets } = await box(t)
  secrets.set('smtp', CANARY)
  for (const [role, status] of [
    ['operator', 403],
    ['nobody', 401],
  ] as const) {
    t.equal((await call('GET', '', undefined, role)).statusCode, status)
    t.equal((await call('PUT', '/smtp', { value: 'other-value' }, role)).statusCode, status)
    t.equal((await call('DELETE', '/smtp', undefined, role)).statusCode, status)
  }
  t.equal(secrets.get('smtp'), CANARY)
})

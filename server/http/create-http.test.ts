import { once } from 'node:events'
import { Writable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import t from 'tap'
import { Type } from 'typebox'
import { SummonerError } from '../errors.ts'
import { createHttp } from './create-http.ts'
import { createLogger } from './logger.ts'
import type { Role } from './roles.ts'
import { declaredRoutes, uncompiledRoutes, undocumentedRoutes, walkRoutes } from './walk-routes.ts'

const CANARY = 'canary-4711'

function memoryLog() {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  return { lines, logger: createLogger({ level: 'trace', stream }) }
}

/** Tokens are the names of roles; anything else is refused. */
function authenticate(credential: string) {
  if (credential === 'expired') throw new SummonerError('auth.required', 'The token expired.')
  if (!['viewer', 'operator', 'administrator'].includes(credential))
    throw new SummonerError('auth.required', 'The token is not known.')
  return { name: `the ${credential}`, role: credential as Role }
}

const route = (summary: string, operationId: string, role: Role | 'public') => ({
  config: { role },
  schema: {
    summary,
    operationId,
    tags: ['Test'],
    response: { 200: Type.Object({ who: Type.Optional(Type.String()) }) },
  },
})

const testRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const who = (request: { actor: { name: string } | null }) =>
    request.actor ? { who: request.actor.name } : {}
  app.get('/public', route('Public', 'getPublic', 'public'), who)
  app.get('/view', route('View', 'getView', 'viewer'), who)
  app.delete('/operate', route('Operate', 'operate', 'operator'), who)
  app.post('/rule', route('Rule', 'rule', 'administrator'), who)
  app.put(
    '/echo/:name',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Echo',
        operationId: 'echo',
        tags: ['Test'],
        params: Type.Object({ name: Type.String() }),
        body: Type.Object({ text: Type.String() }),
        response: { 200: Type.Object({ text: Type.String() }) },
      },
    },
    (request) => ({ text: request.body.text }),
  )
  app.get('/bug', route('Bug', 'bug', 'viewer'), () => {
    throw new TypeError(`cannot read ${CANARY}`)
  })
  app.get('/reject', route('Reject', 'reject', 'viewer'), async () => Promise.reject(CANARY))
  app.get('/engine', route('Engine', 'engine', 'viewer'), () => {
    throw new SummonerError('engine.unreachable', 'No answer.', { cause: new Error(CANARY) })
  })
  app.get('/status', route('Status', 'status', 'viewer'), () => {
    throw Object.assign(new Error(CANARY), { statusCode: 418 })
  })
  app.get('/unserialisable', route('Odd', 'odd', 'viewer'), () => ({ who: { toString: null } }) as never)
}

async function build(t: { teardown(end: () => Promise<void>): void }, more?: FastifyPluginAsyncTypebox) {
  const { lines, logger } = memoryLog()
  const app = await createHttp({ logger, authenticate, version: '1.2.3' })
  await app.register(testRoutes, { prefix: '/api/v1' })
  if (more) await app.register(more, { prefix: '/api/v1' })
  t.teardown(() => app.close())
  return { app, lines }
}

const as = (role: string, client = '192.0.2.1') => ({
  authorization: `Bearer ${role}`,
  'x-forwarded-for': client,
})

t.test('health is for everybody', async (t) => {
  const { app } = await build(t)
  const response = await app.inject('/api/v1/health')
  t.equal(response.statusCode, 200)
  t.same(response.json(), { status: 'ok', version: '1.2.3' })
})

t.test('every route refuses every wrong credential', async (t) => {
  const { app } = await build(t)
  await app.ready()
  const walk = await walkRoutes(app, { expired: 'expired', viewer: 'viewer', operator: 'operator' })
  t.same(walk.wrong, [])
  // 6 viewer routes x 5, 2 operator routes x (5 + 1), 1 administrator route x (5 + 2)
  t.equal(walk.tried, 6 * 5 + 2 * 6 + 7)
  t.same(
    declaredRoutes(app)
      .filter(({ role }) => role === 'public')
      .map(({ url }) => url)
      .filter((url) => !url.includes('/docs')),
    ['/api/v1/health', '/api/v1/openapi.json', '/api/v1/public'],
    'public is only what was said to be',
  )
})

t.test('the walk finds a hole', async (t) => {
  const { app } = await build(t)
  await app.ready()
  const inject: typeof app.inject = ((options: { method: string; url: string }) =>
    app.inject(options.url.endsWith('/view') ? '/api/v1/public' : options)) as never
  const walk = await walkRoutes(
    { declaredRoutes: app.declaredRoutes, inject },
    { expired: 'expired', viewer: 'viewer', operator: 'operator' },
  )
  t.equal(walk.wrong.length, 5)
  t.match(walk.wrong[0], 'GET /api/v1/view with no credential: 200, not 401')
})

t.test('who asks', async (t) => {
  const { app } = await build(t)
  const get = async (url: string, headers: Record<string, string> = {}) =>
    app.inject({ url: `/api/v1${url}`, headers })
  t.same((await get('/view', as('viewer'))).json(), { who: 'the viewer' })
  t.same((await get('/view', as('administrator'))).json(), { who: 'the administrator' })
  t.same(
    (await get('/view', { authorization: 'bearer viewer' })).json(),
    { who: 'the viewer' },
    'the scheme has no case',
  )
  t.same((await get('/public')).json(), {})
  t.same((await get('/public', as('viewer'))).json(), { who: 'the viewer' })
  t.same((await get('/public', as('wrong'))).json(), {}, 'public stays public')
  const none = await get('/view')
  t.equal(none.statusCode, 401)
  t.match(none.headers['www-authenticate'], /^Bearer/)
  t.match(none.json(), { code: 'auth.required', status: 401, hint: /Bearer/ })
  for (const header of [
    'viewer',
    'Bearer',
    'Bearer ',
    'Bearer viewer operator',
    'Basic viewer',
    'Bearer  ',
    'Token viewer',
    `Bearer ${'x'.repeat(300)}`,
  ])
    t.equal(
      (await get('/view', { authorization: header, 'x-forwarded-for': `198.51.100.${header.length % 250}` }))
        .statusCode,
      401,
      header,
    )
  const low = await app.inject({ method: 'POST', url: '/api/v1/rule', headers: as('operator') })
  t.equal(low.statusCode, 403)
  t.match(low.json(), { code: 'auth.refused', detail: /administrator; yours is operator/ })
})

t.test('ten bad credentials a minute and client, then 429; good ones are never locked out', async (t) => {
  const { app } = await build(t)
  const guess = async (client: string) =>
    (await app.inject({ url: '/api/v1/view', headers: as('guess', client) })).statusCode
  for (let count = 1; count <= 10; count++) t.equal(await guess('203.0.113.5'), 401)
  const eleventh = await app.inject({ url: '/api/v1/view', headers: as('guess', '203.0.113.5') })
  t.equal(eleventh.statusCode, 429)
  t.match(eleventh.json(), { code: 'request.rate' })
  t.ok(eleventh.headers['retry-after'])
  t.equal(await guess('203.0.113.6'), 401, 'another client is not concerned')
  t.equal(
    await guess('203.0.113.99, 203.0.113.5'),
    429,
    'what a client writes in front does not make it another',
  )
  t.equal((await app.inject({ url: '/api/v1/view', headers: as('viewer', '203.0.113.5') })).statusCode, 200)
  for (let count = 1; count <= 10; count++) await guess(`2001:db8:1:2::${count}`)
  t.equal(await guess('2001:db8:1:2:ffff::1'), 429, 'a /64 is one client')
  t.equal(await guess('2001:db8:1:3::1'), 401)
  for (let count = 1; count <= 10; count++)
    await app.inject({ url: '/api/v1/public', headers: as('guess', '203.0.113.7') })
  t.equal(await guess('203.0.113.7'), 429, 'guessing on a public route counts too')
})

t.test('unknown addresses', async (t) => {
  const { app } = await build(t)
  const response = await app.inject({ url: '/nowhere?secret=1', headers: as('viewer') })
  t.equal(response.statusCode, 404)
  t.match(response.json(), { code: 'route.unknown', detail: 'GET /nowhere is not known.' })
  t.equal((await app.inject({ method: 'HEAD', url: '/api/v1/view' })).statusCode, 404)
  t.equal((await app.inject('/api/v1/%zz')).statusCode, 400)
  t.match((await app.inject('/api/v1/%zz')).json(), { code: 'request.malformed' })
  t.equal((await app.inject(`/api/v1/jobs/${'x'.repeat(5000)}`)).statusCode, 404)
  let status = 0
  for (let count = 0; count < 125; count++)
    status = (await app.inject({ url: '/nowhere', headers: { 'x-forwarded-for': '203.0.113.8' } })).statusCode
  t.equal(status, 429, 'a scanner is slowed')
})

t.test('bodies', async (t) => {
  const { app } = await build(t)
  const put = async (payload: string | Buffer, type: string | undefined = 'application/json') =>
    app.inject({
      method: 'PUT',
      url: '/api/v1/echo/x',
      payload,
      headers: { ...as('operator'), ...(type === undefined ? {} : { 'content-type': type }) },
    })
  const good = '{"text":"hi"}'
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
  ])
    t.equal((await put(good, type)).statusCode, 200, type)
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json\t; charset=utf-8',
    'application/json ; charset=utf-8',
    'application/json;',
    'application/json; charset=utf-16',
    'application/json; foo=bar',
    'application/json, text/plain',
    'application/jsonp',
    'application/vnd.api+json',
    'json',
    ' ',
    'application/json\u00a0',
  ]) {
    const response = await put(good, type)
    t.equal(response.statusCode, 415, JSON.stringify(type))
    t.match(response.json(), { code: 'request.type' })
  }
  for (const text of [
    '{',
    '{"text":"hi"',
    '[1,]',
    '{"__proto__":{"x":1},"text":"a"}',
    '{"constructor":{"prototype":{}},"text":"a"}',
    '\u0000',
  ]) {
    const response = await put(text)
    t.equal(response.statusCode, 400, text)
    t.match(response.json(), { code: 'request.malformed' })
  }
  t.equal((await put('')).statusCode, 422, 'an empty body is no body')
  t.equal((await put('{"text":"a","more":1}')).statusCode, 422)
  const large = await put(JSON.stringify({ text: 'x'.repeat(1024 * 1024) }))
  t.equal(large.statusCode, 413)
  t.match(large.json(), { code: 'request.too-large' })
  t.equal((await put(JSON.stringify({ text: 'x'.repeat(1024 * 1024 - 20) }))).statusCode, 200)
  t.equal((await put(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).statusCode, 422, 'depth is no crash')
  const empty = await app.inject({
    method: 'DELETE',
    url: '/api/v1/operate',
    headers: { ...as('operator'), 'content-type': 'application/json' },
  })
  t.equal(empty.statusCode, 200)
})

t.test('inner errors do not leak, and are in the log', async (t) => {
  const { app, lines } = await build(t)
  for (const [url, status, code] of [
    ['/bug', 500, 'internal'],
    ['/reject', 500, 'internal'],
    ['/engine', 503, 'engine.unreachable'],
    ['/status', 500, 'internal'],
    ['/unserialisable', 500, 'internal'],
  ] as const) {
    const response = await app.inject({ url: `/api/v1${url}`, headers: as('viewer') })
    t.equal(response.statusCode, status, url)
    t.match(response.json(), { code, status })
    t.notMatch(response.body, /canary|stack|TypeError/)
  }
  t.match(lines.join(''), new RegExp(`cannot read ${CANARY}`))
})

t.test('no credential is ever in the log', async (t) => {
  const { app, lines } = await build(t)
  for (const url of ['/api/v1/view', '/api/v1/bug', `/nowhere?token=${CANARY}`, `/api/v1/view?x=${CANARY}`])
    await app.inject({ url, headers: { ...as(CANARY, '203.0.113.40'), cookie: CANARY } })
  app.log.info({
    headers: { authorization: CANARY },
    req: { headers: { authorization: CANARY, cookie: CANARY } },
    token: CANARY,
    body: { password: CANARY },
  })
  t.ok(lines.length > 4)
  t.notMatch(lines.join('').replaceAll('/api/v1/bug', ''), new RegExp(CANARY))
  t.match(lines.at(-1), /\[hidden\]/)
})

t.test('a route without a role stops the start', async (t) => {
  const { logger } = memoryLog()
  const app = await createHttp({ logger, authenticate, version: '1' })
  app.get('/open', { schema: { summary: 'x' } }, () => 'x')
  await t.rejects(Promise.resolve(app.ready()), /Routes without a role: GET \/open/)
})

t.test('headers of a page that holds the keys of a house', async (t) => {
  const { app } = await build(t)
  const { headers } = await app.inject('/api/v1/health')
  t.match(headers, { 'x-content-type-options': 'nosniff', 'content-security-policy': /default-src 'self'/ })
  t.notOk('strict-transport-security' in headers, 'nginx decides on HSTS')
  t.notOk('access-control-allow-origin' in headers)
  const answer = await app.inject({ url: '/api/v1/view', headers: as('viewer') })
  t.equal(answer.headers['cache-control'], 'no-store', 'no browser keeps an answer')
})

t.test('the API describes itself', async (t) => {
  const { app } = await build(t)
  await app.ready()
  t.same(undocumentedRoutes(app), [])
  const response = await app.inject('/api/v1/openapi.json')
  t.equal(response.statusCode, 200)
  const document = response.json<OpenApi>()
  t.equal(document.openapi, '3.1.0')
  t.equal(document.info.version, '1.2.3')
  t.same(gapsOf(document), [])
  const { get } = document.paths['/api/v1/view'] ?? {}
  t.match(get?.description, /Role: viewer/)
  t.same(document.paths['/api/v1/public']?.['get']?.security, [])
  t.same(document.security, [{ token: [] }, { session: [] }])
  t.match(document.paths['/api/v1/echo/{name}']?.['put']?.requestBody, {
    content: { 'application/json': { schema: { additionalProperties: false } } },
  })
  t.notOk(Object.keys(document.paths).some((path) => path.includes('/docs')))
})

t.test('a schema that is none is found, before anybody asks for it', async (t) => {
  const bad = { type: 'nonsense' }
  const { app } = await build(t, async (api) => {
    api.get('/broken', {
      ...route('Broken', 'getBroken', 'viewer'),
      schema: { ...route('Broken', 'getBroken', 'viewer').schema, querystring: bad, response: { 200: bad } },
      handler: () => ({}),
    })
  })
  await app.ready()
  const wrong = uncompiledRoutes(app)
  t.equal(wrong.length, 2)
  for (const text of wrong) t.match(text, /^GET \/api\/v1\/broken: /)
})

t.test('an undocumented route is found', async (t) => {
  const { app } = await build(t, async (api) => {
    api.get('/bare/:id', { config: { role: 'viewer' } }, () => 'x')
    api.get('/double', route('Double', 'getView', 'viewer'), () => ({}))
  })
  await app.ready()
  t.same(undocumentedRoutes(app), [
    'GET /api/v1/bare/:id lacks summary, tags, an operationId of its own, a success response, params',
    'GET /api/v1/double lacks an operationId of its own',
  ])
})

t.test('the reference page needs nobody else, and its policy lets it work', async (t) => {
  const { app } = await build(t)
  const page = await app.inject('/api/v1/docs/')
  t.equal(page.statusCode, 200)
  const policy = String(page.headers['content-security-policy'])
  t.match(policy, /script-src 'self'/)
  t.notMatch(policy, /unsafe-inline|unsafe-eval|https:|validator|upgrade-insecure/)
  t.notMatch(page.body, /<script(?![^>]*src="\.\/)[^>]*>/, 'no inline script')
  t.notMatch(page.body, /(?:src|href)="https?:/)
  for (const file of [
    'static/swagger-ui-bundle.js',
    'static/swagger-initializer.js',
    'static/swagger-ui.css',
    'json',
  ])
    t.equal((await app.inject(`/api/v1/docs/${file}`)).statusCode, 200, file)
  t.equal((await app.inject('/api/v1/docs/static/..%2f..%2fpackage.json')).statusCode, 404)
})

t.test('a slow body does not hold a place for ever', async (t) => {
  const { app } = await build(t)
  t.equal(app.server.requestTimeout, 60_000)
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.ok(app.server.listening)
  const closed = once(app.server, 'close')
  await app.close()
  await closed
})

interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  description?: string
  security?: unknown[]
  parameters?: { in: string; name: string; schema?: unknown }[]
  requestBody?: { content: Record<string, { schema?: object }> }
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: object }> }>
}

interface OpenApi {
  openapi: string
  info: { title: string; version: string }
  security?: unknown[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

/** What makes an OpenAPI document invalid or incomplete. */
function gapsOf(document: OpenApi): string[] {
  const gaps: string[] = []
  const ids = new Set<string>()
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const at = `${method} ${path}`
      for (const key of ['operationId', 'summary', 'tags', 'responses'] as const)
        if (!operation[key]) gaps.push(`${at}: ${key}`)
      if (ids.has(operation.operationId ?? '')) gaps.push(`${at}: operationId twice`)
      ids.add(operation.operationId ?? '')
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      const declared = (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name)
      if (named.join() !== declared.join()) gaps.push(`${at}: path parameters`)
      for (const [status, answer] of Object.entries(operation.responses ?? {}))
        if (!answer.description || answer.description === 'Default Response')
          gaps.push(`${at} ${status}: description`)
      if (!operation.responses?.['default']?.content?.['application/problem+json'])
        gaps.push(`${at}: problem`)
      if (!Object.keys(operation.responses ?? {}).some((status) => status.startsWith('2')))
        gaps.push(`${at}: success`)
    }
  }
  for (const [, pointer] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = (pointer ?? '')
      .split('/')
      .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document)
    if (!found) gaps.push(`$ref ${pointer}`)
  }
  return gaps
}

import t from 'tap'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { catalogue } from '../server/errors.ts'
import {
  declaredRoutes,
  uncompiledRoutes,
  undocumentedRoutes,
  walkRoutes,
} from '../server/http/walk-routes.ts'
import type { Job } from '../server/jobs/job.ts'
import { succeeded } from './aftermath.ts'
import { createBox } from './box.ts'
import { composedFor } from './composed.ts'

const box = await createBox({ boot: false })
t.teardown(() => box.remove())
const name = box.name('web')
const MEGABYTE = 'x'.repeat(1024 * 1024)
const LONG = 'y'.repeat(300_000)
const CANARY = 'canary-value-3141592653'

const composed = await composedFor(box, t.testdir())
const routes = declaredRoutes(composed)
t.teardown(() => composed.close())

interface Reply {
  status: number
  type: string
  text: string
}

/** Any bytes at any address, over one of the two sockets. */
const send = (
  socketPath: string,
  method: string,
  path: string,
  { body, headers = {} }: { body?: string | undefined; headers?: Record<string, string> } = {},
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request({
      socketPath,
      method,
      path,
      agent: false,
      headers: {
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    })
    sent.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.once('error', reject)
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      )
    })
    sent.once('error', reject)
    // what is too large is refused by its header; the body would only meet a closed door
    if (body !== undefined && Buffer.byteLength(body) > MEGABYTE.length && !path.endsWith('/config'))
      sent.flushHeaders()
    else sent.end(body)
  })
const admin = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  send(join(box.data, 'run/admin/api.sock'), method, `/api/v1${path}`, {
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    ...(headers ? { headers } : {}),
  })

/** Every file that a request may change, as one number. */
function fingerprint(): string {
  const hash = createHash('sha256')
  const walk = (path: string): void => {
    if (!existsSync(path)) return
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (entry.isDirectory()) walk(join(path, entry.name))
      else if (entry.isFile())
        hash.update(join(path, entry.name)).update(readFileSync(join(path, entry.name)))
  }
  hash.update(readFileSync(box.configFile))
  for (const folder of [join(box.dir, 'minions'), join(box.data, 'minions'), join(box.data, 'state/secrets')])
    walk(folder)
  return hash.digest('hex')
}

t.test('a box with one minion, whose daemon tells all it does', async (t) => {
  await box.boot({ SUMMONER_LOG_LEVEL: 'trace' })
  succeeded(t, await box.run('POST', '/minions', { template: 'hello', name }))
})

t.test('bad input: refused in the words of the catalogue, nothing is changed', async (t) => {
  const before = fingerprint()
  const jobs = (await admin('GET', '/jobs?limit=500')).text
  const { text, etag } = JSON.parse((await admin('GET', '/config')).text) as { text: string; etag: string }
  const add = (change: Record<string, unknown>) =>
    ['POST', '/minions', { template: 'hello', name: 'fine', ...change }] as const
  const put = (yaml: unknown, match = etag) =>
    ['PUT', '/config', { text: yaml }, { 'if-match': match }] as const
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
    .split('')
    .map((key, at) => `${key}: &${key} [${`*${'abcdefgh'[at]},`.repeat(9)}]`)
    .join('\n')}\nsummoner: {domain: x.test, applications: *i}\n`
  const names = [
    '',
    ' ',
    'A',
    '-a',
    'a-',
    'a_b',
    'a b',
    'a.b',
    '../x',
    'a/b',
    'a\0b',
    'é',
    'nginx',
    'summoner',
    'hooks',
    'www',
    'minions',
    'database',
    '__proto__',
    'a'.repeat(41),
    LONG,
    'a\n- evil',
  ]
  const hosts = [
    'a b',
    'a;b',
    'a{b',
    '-a',
    'a..b',
    '.a',
    'a_b',
    '*',
    '../..',
    'a\nb',
    '"',
    "'",
    '$(id)',
    'summoner',
    'hooks',
    'é',
    'a'.repeat(64),
    LONG,
    'a\0',
    '${DOMAIN}',
  ]
  const table: (readonly [string, string, unknown?, Record<string, string>?])[] = [
    ...names.map((bad) => add({ name: bad })),
    ...names.map((bad) => add({ template: bad })),
    ...hosts.map((bad) => add({ subdomain: bad })),
    ...[null, 1, true, [], {}].flatMap((bad) =>
      ['name', 'template', 'subdomain', 'version', 'images', 'env', 'grants']
        .filter(
          (key) =>
            !(key === 'env' && JSON.stringify(bad) === '{}') && !(key === 'grants' && Array.isArray(bad)),
        )
        .map((key) => add({ [key]: bad })),
    ),
    ...['latest', '1.0; rm -rf /', '$(id)', '2.0.0', '1.0.0\nevil', 'x'.repeat(200)].map((bad) =>
      add({ version: bad }),
    ),
    add({ nmae: 'x' }),
    add({ env: { MODE: 'explode' } }),
    add({ env: { NOT_AN_INPUT: 'x' } }),
    add({ env: { 'GREETING\nEVIL': 'x' } }),
    add({ env: { DOMAIN: 'evil.example' } }),
    add({ env: { GREETING: LONG } }),
    add({ env: { GREETING: 'a\u0000b' } }),
    add({ env: { GREETING: 1 } }),
    add({ env: { __proto__: 'x', 'constructor.prototype': 'y' } }),
    add({ grants: Array.from({ length: 33 }, () => 'x') }),
    ['POST', '/minions', `{"template":"hello","__proto__":{"name":"evil"}}`],
    ['POST', '/minions', '{"template":'],
    ['POST', '/minions', '[]'],
    ['POST', '/minions', 'null'],
    ['POST', '/minions', '"hello"'],
    ['POST', '/minions', { template: 'hello', name: 'fine', env: { GREETING: MEGABYTE } }],
    ['POST', '/minions', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    ['POST', '/minions', 'template=hello', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['POST', '/minions', '{}', { 'content-type': 'application/json; charset=utf-16' }],
    put(bomb),
    put(`summoner: {domain: x.test, applications: ${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
    put('summoner: {domain: x.test, aplications: []}'),
    put('summoner: {domain: [x], applications: []}'),
    put('summoner: {domain: "x;y.test", applications: []}'),
    put('summoner: {domain: x.test, subnets: 10.0.0.0/33, applications: []}'),
    put('summoner: {domain: x.test, subnets: 0.0.0.0/0, applications: []}'),
    put('summoner: {domain: x.test, timezone: Mars/Olympus, applications: []}'),
    put('summoner: {domain: x.test, applications: [{name: "../x", template: hello}]}'),
    put('summoner: {domain: x.test, applications: [hello, hello]}'),
    put('summoner: {domain: x.test, applications: {a: b}}'),
    put('summoner: {domain: !!js/function "x", applications: []}'),
    put('summoner: {domain: x.test}\nsummoner: {domain: y.test}'),
    put('a: [unclosed'),
    put(''),
    put('\u0000'),
    put('- just\n- a list'),
    put(42),
    put(null),
    put(MEGABYTE),
    put(`summoner: {domain: x.test, applications: ${JSON.stringify(LONG)}}`),
    put(text, '"stale"'),
    ['PUT', '/config', { text }],
    ['PUT', '/config', { text, more: 1 }, { 'if-match': etag }],
    ['POST', '/config/apply', { only: ['../x'] }],
    ['POST', '/config/apply', { yes: 'yes' }],
    ['POST', '/config/apply', { onyl: [] }],
    ...[
      '..',
      '%2e%2e',
      '%2e%2e%2fx',
      '..%2f..%2fetc%2fpasswd',
      '%00',
      'a%0ab',
      '__proto__',
      'x'.repeat(400),
      '%ff',
      '%',
      'none',
      encodeURIComponent("';--"),
    ].flatMap(
      (id) =>
        [
          ['GET', `/minions/${id}`],
          ['DELETE', `/minions/${id}`],
          ['POST', `/minions/${id}/start`],
          ['GET', `/minions/${id}/secrets`],
          ['GET', `/minions/${id}/logs`],
          ['GET', `/templates/${id}`],
          ['GET', `/jobs/${id}`],
          ['GET', `/jobs/${id}/log`],
          ['GET', `/jobs/${id}/events`],
          ['POST', `/jobs/${id}/cancel`],
          ['DELETE', `/secrets/${id}`],
          ['DELETE', `/tokens/${id}`],
          ['POST', `/stacks/${id}/up`],
        ] as const,
    ),
    ...[
      'since=yesterday',
      'since=%00',
      'tail=-1',
      'tail=1e9',
      'tail=x',
      'tail=1.5',
      `since=${'9'.repeat(5000)}`,
      'nonsense=1',
      'service[]=x&service[]=y',
      'follow=maybe',
    ].map((query) => ['GET', `/minions/${name}/logs?${query}`] as const),
    ...['limit=0', 'limit=501', 'limit=x', 'state=exploded', 'minion=' + 'x'.repeat(200), 'x=1'].map(
      (query) => ['GET', `/jobs?${query}`] as const,
    ),
    ...['limit=-1', 'after=x', 'limit=999999', 'x=1'].map((query) => ['GET', `/events?${query}`] as const),
    ['DELETE', `/minions/${name}?purge=maybe`],
    ['DELETE', '/minions/nginx'],
    ['PUT', '/secrets/x', { value: '' }],
    ['PUT', '/secrets/x', { value: 7 }],
    ['PUT', '/secrets/x', { value: MEGABYTE }],
    ['PUT', '/secrets/..%2f..%2fx', { value: 'x' }],
    ['POST', '/tokens', { name: 'x', role: 'root' }],
    ['POST', '/tokens', { name: '', role: 'viewer' }],
    ['POST', '/tokens', { name: 'x', role: 'viewer', expires: 'soon' }],
    ['POST', '/tokens', { name: 'a\nb', role: 'viewer' }],
    ['POST', '/templates/import', {}],
    ['POST', '/templates/import', { files: {} }],
    ['POST', '/templates/import', { files: { '../../x': 'services: {}' }, name: 'evil' }],
    ['POST', '/templates/import', { files: { '/etc/cron.d/x': 'services: {}' }, name: 'evil' }],
    ['POST', '/templates/import', { files: { 'compose.yml': bomb }, name: 'evil' }],
    ['POST', '/templates/import', { files: { 'compose.yml': 'services: [' }, name: 'evil' }],
    [
      'POST',
      '/templates/import',
      { files: { 'compose.yml': 'services: {a: {image: x, privileged: true}}' }, name: 'evil' },
    ],
    [
      'POST',
      '/templates/import',
      { files: { 'compose.yml': 'services: {a: {image: "x:1", volumes: ["/:/host"]}}' }, name: 'evil' },
    ],
    [
      'POST',
      '/templates/import',
      { files: { 'compose.yml': 'services: {a: {image: "x:1"}}' }, name: '../evil' },
    ],
    ['POST', '/templates/import', { files: { 'compose.yml': 1 }, name: 'evil' }],
    ['POST', '/templates/import', { run: 'docker run --privileged x; rm -rf /', name: 'evil' }],
    ['POST', '/templates/import', { run: 'rm -rf /', name: 'evil' }],
    ['GET', '/no/such/address'],
    ['PATCH', '/minions'],
    ['GET', '/../../etc/passwd'],
    ['GET', '/%2e%2e/%2e%2e/etc/passwd'],
  ]
  let refused = 0
  for (const [method, path, body, headers] of table) {
    const label = `${method} ${path} ${JSON.stringify(body) ?? ''}`.slice(0, 160)
    const { status, type, text } = await admin(method, path, body, headers)
    const problem = type.startsWith('application/problem+json')
      ? (JSON.parse(text) as { code: string; detail: string; status: number })
      : undefined
    const known = problem && problem.code in catalogue && problem.code !== 'internal' && problem.detail !== ''
    if (status < 400 || status >= 500 || !known || problem.status !== status)
      t.fail(`${label}: ${status} ${text.slice(0, 300)}`)
    else refused++
  }
  t.comment(`${refused} of ${table.length} bad requests were refused`)
  t.equal(refused, table.length)
  t.equal(fingerprint(), before, 'no file was changed')
  t.equal((await admin('GET', '/jobs?limit=500')).text, jobs, 'no job was made')
})

t.test('strange but legal input reaches the application as it is', async (t) => {
  const strange = `'"\`$(id) \${HOME} $$ #x: {} [] \\n é 漢 ; |`
  const odd = box.name('odd')
  succeeded(
    t,
    await box.run('POST', '/minions', { template: 'hello', name: odd, env: { GREETING: strange } }),
  )
  t.match((await box.visit(`${odd}.${box.domain}`)).body, `<h1>${strange}</h1>`)
  succeeded(t, await box.run('DELETE', `/minions/${odd}`))
})

t.test('every route refuses no, bad, expired and wrong-role credentials, over the web socket', async (t) => {
  const token = async (role: string, expires?: string) =>
    (
      JSON.parse(
        (
          await admin('POST', '/tokens', {
            name: `${role}${expires ? '-short' : ''}`,
            role,
            ...(expires ? { expires } : {}),
          })
        ).text,
      ) as {
        token: string
      }
    ).token
  const soon = new Date(Date.now() + 1_500).toISOString()
  const credentials = {
    expired: await token('administrator', soon),
    viewer: await token('viewer'),
    operator: await token('operator'),
  }
  const socket = join(box.data, 'run/web/web.sock')
  const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` })
  while (
    (await send(socket, 'GET', '/api/v1/tokens', { headers: bearer(credentials.expired) })).status === 200
  )
    await new Promise((resolve) => setTimeout(resolve, 100))
  const before = fingerprint()
  const inject = async ({
    method,
    url,
    headers,
  }: {
    method: string
    url: string
    headers: Record<string, string>
  }) => ({
    statusCode: (await send(socket, method, url, { headers })).status,
  })
  const { tried, wrong } = await walkRoutes(
    { declaredRoutes: composed.declaredRoutes, inject } as unknown as Parameters<typeof walkRoutes>[0],
    credentials,
  )
  t.comment(`${tried} attempts on ${routes.length} routes`)
  t.ok(tried > routes.length * 4)
  t.same(wrong, [])
  t.equal((await send(socket, 'GET', '/api/v1/minions', { headers: bearer(credentials.viewer) })).status, 200)
  t.equal(fingerprint(), before, 'no file was changed')
})

t.test('the OpenAPI document is complete, and whole in itself', async (t) => {
  t.same(undocumentedRoutes(composed), [])
  t.same(uncompiledRoutes(composed), [], 'every schema can be turned into code')
  const document = JSON.parse((await admin('GET', '/openapi.json')).text) as {
    openapi: string
    info: { title: string; version: string }
    paths: Record<
      string,
      Record<
        string,
        {
          operationId: string
          parameters?: { in: string; name: string; required?: boolean }[]
          responses: Record<string, { description?: string }>
        }
      >
    >
    components: object
  }
  t.match(document.openapi, /^3\.1\.\d+$/)
  t.match(document.info, { title: 'Summoner', version: /^\d+\.\d+\.\d+/ })
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  )
  t.same(
    documented.sort(),
    routes
      .filter(({ url }) => /^\/(api\/v1\/(?!docs)|hooks\/)/.test(url))
      .map(({ method, url }) => `${method} ${url}`)
      .sort(),
    'every declared route is documented',
  )
  const wrong: string[] = []
  const ids = new Set<string>()
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { operationId, parameters = [], responses }] of Object.entries(methods)) {
      if (ids.has(operationId)) wrong.push(`${operationId} twice`)
      ids.add(operationId)
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, key]) => key)
      const declared = parameters.filter((parameter) => parameter.in === 'path')
      if (
        wanted.join() !== declared.map((parameter) => parameter.name).join() ||
        declared.some(({ required }) => !required)
      )
        wrong.push(`${method} ${path}: path parameters`)
      for (const [status, response] of Object.entries(responses))
        if (!response.description || !/^([1-5]\d\d|default)$/.test(status))
          wrong.push(`${method} ${path}: response ${status}`)
    }
  const look = (node: unknown, at: string): void => {
    if (node === null || typeof node !== 'object') return
    const { $ref: reference, nullable, type } = node as Record<string, unknown>
    if (typeof reference === 'string' && resolved(document, reference) === undefined)
      wrong.push(`${at}: ${reference}`)
    if (nullable === true) wrong.push(`${at}: nullable is OpenAPI 3.0`)
    if (
      typeof type === 'string' &&
      at.endsWith('schema') &&
      !/^(object|array|string|number|integer|boolean|null)$/.test(type)
    )
      wrong.push(`${at}: type ${type}`)
    for (const [key, value] of Object.entries(node)) look(value, `${at}/${key}`)
  }
  look(document, '#')
  t.same(wrong, [])
})

t.test('no secret leaves but where it is asked for', async (t) => {
  await admin('PUT', '/secrets/canary', { value: CANARY })
  const { admin: first, secrets } = JSON.parse((await admin('GET', `/minions/${name}/secrets`)).text) as {
    admin: { password: string }
    secrets: Record<string, string>
  }
  const values = [CANARY, first.password, ...Object.values(secrets)].filter((value) => value.length >= 8)
  t.ok(values.length >= 3)
  succeeded(t, await box.run('POST', `/minions/${name}/restart`))
  const { jobs } = JSON.parse((await admin('GET', '/jobs?limit=500')).text) as { jobs: Job[] }
  const paths = routes
    .filter(({ method, url }) => method === 'GET' && !/secrets$|\/docs|stream$|\/live$|\/events$/.test(url))
    .flatMap(({ url }) => {
      const path = url.replace('/api/v1', '')
      if (path.startsWith('/jobs/')) return jobs.map(({ id }) => path.replace(':id', id))
      return [path.replace(':name', path.startsWith('/templates') ? 'hello' : name)]
    })
  const told: string[] = []
  for (const path of new Set([...paths, '/events?limit=500', '/secrets'])) {
    const { text } = await admin('GET', path)
    if (values.some((value) => text.includes(value))) told.push(path)
  }
  t.ok(paths.length > 15, `${paths.length} addresses asked`)
  t.same(told, [], 'no answer')
  t.ok(box.log().includes('"level":'), 'there is a log')
  t.notOk(
    values.some((value) => box.log().includes(value)),
    'no line of the daemon log',
  )
})

function resolved(document: object, reference: string): unknown {
  let node: unknown = document
  for (const key of reference.replace(/^#\//, '').split('/'))
    node = (node as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')]
  return node
}

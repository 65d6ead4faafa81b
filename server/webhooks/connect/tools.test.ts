/** The connectors that speak to a tool's own interface, against servers that keep what its documentation says of it. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { connectors, type Registration } from './connector.ts'
import { createTool } from './tool.ts'

interface Asked {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
}
type Reply = [status: number, body?: unknown, headers?: Record<string, string>]

/** A tool whose interface is the given function. */
async function fake(t: Test, type: keyof typeof connectors, reply: (asked: Asked) => Reply) {
  const asked: Asked[] = []
  const ran: { argv: readonly string[]; env: Record<string, string>; user: string | undefined }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://tool')
      const form = request.headers['content-type']?.includes('urlencoded')
      const body = form ? Object.fromEntries(new URLSearchParams(text)) : text ? JSON.parse(text) : {}
      const one = {
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: body as Record<string, unknown>,
      }
      asked.push(one)
      const [status, answer, headers] = reply(one)
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(answer === undefined ? '' : JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const connector = connectors[type]
  if (!connector) throw new Error(`${type} has no connector`)
  const tool = createTool({
    upstream: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    site: 'https://tool.example.org:8443',
    container: { id: 'c1', name: `${type}-example.org` },
    execIn: async (_id, argv, { env = {}, user }) => {
      ran.push({ argv, env, user })
      return { code: 0, stdout: '', stderr: '' }
    },
  })
  const register = async (count: number, kept: Record<string, string> = {}) =>
    connector.register(
      {
        url: `http://hooks.example.org/hooks/tool/token-${count}`,
        base: 'http://hooks.example.org/hooks/tool/',
        secret: `secret-${count}`,
        site: 'https://tool.example.org',
        kept,
        passing: `passing-${count}`,
      } satisfies Registration,
      tool,
    )
  return { asked, ran, register }
}

const OTHERS = 'https://elsewhere.example/hook'

t.test('GitLab: each project gets the hook, the former one goes, and the token with it', async (t) => {
  const hooks = new Map<number, { id: number; url: string; [key: string]: unknown }[]>([
    [3, [{ id: 1, url: OTHERS }]],
    [4, []],
  ])
  let last = 1
  let good = ''
  const { asked, ran, register } = await fake(t, 'gitlab', ({ method, path, headers, body }) => {
    if (headers['private-token'] !== good) return [401, { message: '401 Unauthorized' }]
    if (path === '/api/v4/projects') return [200, [...hooks.keys()].map((id) => ({ id }))]
    if (path === '/api/v4/personal_access_tokens/self') {
      good = 'revoked'
      return [204]
    }
    const [, project, id] = /^\/api\/v4\/projects\/(\d+)\/hooks(?:\/(\d+))?$/.exec(path) ?? []
    const own = hooks.get(Number(project))
    if (!own) return [404]
    if (method === 'GET') return [200, own]
    if (method === 'POST') {
      own.push({ id: ++last, ...(body as { url: string }) })
      return [201, { id: last }]
    }
    own.splice(
      own.findIndex((hook) => hook.id === Number(id)),
      1,
    )
    return [204]
  })
  for (const count of [1, 2]) {
    good = `passing-${count}`
    t.match(await register(count), { note: /^2 projects send/ })
    t.equal(good, 'revoked')
  }
  t.match(hooks.get(3), [
    { url: OTHERS },
    { url: 'http://hooks.example.org/hooks/tool/token-2', token: 'secret-2', pipeline_events: true },
  ])
  t.equal(hooks.get(3)?.length, 2)
  t.match(hooks.get(4), [{ enable_ssl_verification: false, confidential_issues_events: false }])
  t.equal(hooks.get(4)?.length, 1)
  t.match(ran[0], {
    argv: ['gitlab-rails', 'runner', /personal_access_tokens/],
    env: { HOOK_PASSING: 'passing-1' },
  })
  t.notMatch(ran[0]?.argv.join(' '), /passing-1/)
  t.match(asked[0]?.headers, { host: 'tool.example.org', 'x-forwarded-proto': 'https' })

  good = 'never'
  await t.rejects(register(3), { code: 'hook.connect', message: /GET \/api\/v4\/projects answered 401/ })
})

for (const [type, system] of [
  ['forgejo', true],
  ['gitea', false],
] as const)
  t.test(`${type}: ${system ? 'one hook of the server' : 'older: one of each repository too'}`, async (t) => {
    const KEEPER = { id: 1, config: { url: OTHERS } }
    const server: { id: number; config: Record<string, string> }[] = [KEEPER]
    const repository: typeof server = [{ id: 2, config: { url: OTHERS } }]
    const patterns: typeof server = []
    let last = 2
    const { asked, register } = await fake(t, type, ({ method, path, headers, body }) => {
      if (headers.authorization !== `Basic ${Buffer.from('root:pass').toString('base64')}`)
        return [401, { message: 'invalid username, password or token' }]
      if (path === '/api/v1/repos/search') return [200, { ok: true, data: [{ full_name: 'acme/shop' }] }]
      const [, whose, id] = /^\/api\/v1\/(admin|repos\/acme\/shop)\/hooks(?:\/(\d+))?$/.exec(path) ?? []
      const own = whose === 'admin' ? server : repository
      if (method === 'GET') return [200, own]
      if (method === 'POST') {
        const made = { id: ++last, config: body['config'] as Record<string, string> }
        const asWanted = whose !== 'admin' || (system && made.config['is_system_webhook'] === 'true')
        ;(asWanted ? own : patterns).push(made)
        return [201, made]
      }
      own.splice(
        own.findIndex((hook) => hook.id === Number(id)),
        1,
      )
      return [204]
    })
    const kept = {
      [`${type.toUpperCase()}_ADMIN_USER`]: 'root',
      [`${type.toUpperCase()}_ADMIN_PASSWORD`]: 'pass',
    }
    await register(1, kept)
    await register(2, kept)
    const ours = system ? server : repository
    t.match(
      ours.map(({ config }) => config['url']),
      [OTHERS, 'http://hooks.example.org/hooks/tool/token-2'],
    )
    t.equal(ours.length, 2, 'the former one went')
    t.equal((system ? repository : server).length, 1)
    t.match(ours[1]?.config, { content_type: 'json', secret: 'secret-2' })
    const sent = asked.find(({ method }) => method === 'POST')
    t.match(sent?.body, { type, active: true })
    t.match(sent?.body['events'], /pull_request/)
    await t.rejects(register(3, {}), { code: 'hook.connect', message: /answered 401/ })
  })

t.test('Mattermost: a command and a webhook, whose tokens are what it proves itself with', async (t) => {
  const commands = [{ id: 'c0', url: OTHERS, trigger: 'other' }]
  const hooks = [{ id: 'h0', callback_urls: [OTHERS] }]
  let last = 0
  let open = 0
  const { asked, register } = await fake(t, 'mattermost', ({ method, path, query, headers, body }) => {
    if (path === '/api/v4/users/login') {
      if (body['password'] !== 'pass') return [401, { message: 'Enter a valid email or username' }]
      open++
      return [200, { id: 'u1' }, { Token: 'session' }]
    }
    if (headers.authorization !== 'Bearer session') return [401]
    if (path === '/api/v4/users/logout') {
      open--
      return [200, { status: 'OK' }]
    }
    if (path === '/api/v4/teams/name/main') return [200, { id: 't1' }]
    if (method === 'GET' && query.get('team_id') !== 't1') return [400]
    if (method === 'GET') return [200, path === '/api/v4/commands' ? commands : hooks]
    const id = path.split('/').at(-1)
    if (method === 'DELETE') {
      const own: { id: string }[] = path.startsWith('/api/v4/commands') ? commands : hooks
      own.splice(
        own.findIndex((one) => one.id === id),
        1,
      )
      return [200, { status: 'OK' }]
    }
    const made = { id: `n${++last}`, token: `token-of-n${last}`, ...body }
    if (path === '/api/v4/commands') {
      if (commands.some(({ trigger }) => trigger === body['trigger'])) return [400, { message: 'in use' }]
      commands.push(made as unknown as (typeof commands)[number])
    } else if ((body['trigger_words'] as string[]).length === 0 && !body['channel_id']) return [400]
    else hooks.push(made as unknown as (typeof hooks)[number])
    return [201, made]
  })
  const kept = {
    MATTERMOST_ADMIN_USER: 'admin',
    MATTERMOST_ADMIN_PASSWORD: 'pass',
    MATTERMOST_TEAM: 'main',
  }
  t.match(await register(1, kept), { secrets: ['token-of-n1', 'token-of-n2'], note: /In the team main/ })
  t.match(await register(2, kept), { secrets: ['token-of-n3', 'token-of-n4'] })
  t.match(
    commands.map(({ url }) => url),
    [OTHERS, 'http://hooks.example.org/hooks/tool/token-2'],
  )
  t.match([commands.length, hooks.length, open], [2, 2, 0])
  t.match(hooks[1], { callback_urls: ['http://hooks.example.org/hooks/tool/token-2'] })
  t.notMatch(JSON.stringify(asked.map(({ body }) => body)), /secret-/, 'ours is not its')
  await t.rejects(register(3, { ...kept, MATTERMOST_ADMIN_PASSWORD: 'old' }), { code: 'hook.connect' })
})

t.test('Nextcloud: its app, the way inside, a listener for each event', async (t) => {
  const listeners: Record<string, unknown>[] = [{ id: '1', uri: OTHERS }]
  let last = 1
  const { ran, register } = await fake(t, 'nextcloud', ({ method, path, query, headers, body }) => {
    if (headers['ocs-apirequest'] !== 'true') return [412]
    if (headers.authorization !== `Basic ${Buffer.from('admin:pass').toString('base64')}`) return [401]
    if (
      !path.startsWith('/ocs/v2.php/apps/webhook_listeners/api/v1/webhooks') ||
      query.get('format') !== 'json'
    )
      return [404]
    if (method === 'POST') listeners.push({ id: String(++last), ...body })
    if (method === 'DELETE')
      listeners.splice(
        listeners.findIndex(({ id }) => id === path.split('/').at(-1)),
        1,
      )
    return [200, { ocs: { meta: { status: 'ok' }, data: method === 'GET' ? listeners : {} } }]
  })
  const kept = { NEXTCLOUD_ADMIN_USER: 'admin', NEXTCLOUD_ADMIN_PASSWORD: 'pass' }
  await register(1, kept)
  const first = listeners.length
  t.ok(first > 4)
  await register(2, kept)
  t.equal(listeners.length, first, 'each is replaced')
  t.match(listeners[0], { uri: OTHERS })
  for (const listener of listeners.slice(1))
    t.match(listener, {
      uri: 'http://hooks.example.org/hooks/tool/token-2',
      event: /^OCP\\Files\\Events\\Node\\Node\w+Event$/,
      headers: { 'Content-Type': 'application/json' },
      authMethod: 'header',
      authData: { 'X-Summoner-Token': 'secret-2' },
    })
  t.same(
    ran.slice(0, 2).map(({ argv, user }) => [user, ...argv].join(' ')),
    [
      '33:33 php occ app:enable webhook_listeners',
      '33:33 php occ config:system:set allow_local_remote_servers --type=boolean --value=true',
    ],
  )
})

t.test('SonarQube: one webhook for all projects', async (t) => {
  const hooks: Record<string, string>[] = [{ key: 'k0', url: OTHERS }]
  let last = 0
  const { register } = await fake(t, 'sonarqube', ({ path, headers, body }) => {
    if (headers.authorization !== `Basic ${Buffer.from('admin:pass').toString('base64')}`) return [401]
    if (path === '/api/webhooks/list') return [200, { webhooks: hooks }]
    if (path === '/api/webhooks/create') {
      hooks.push({ key: `k${++last}`, ...(body as Record<string, string>) })
      return [200, { webhook: { key: `k${last}` } }]
    }
    hooks.splice(
      hooks.findIndex(({ key }) => key === body['webhook']),
      1,
    )
    return [204]
  })
  await register(1, { SONARQUBE_ADMIN_PASSWORD: 'pass' })
  await register(2, { SONARQUBE_ADMIN_PASSWORD: 'pass' })
  t.equal(hooks.length, 2)
  t.match(hooks, [
    { url: OTHERS },
    { url: 'http://hooks.example.org/hooks/tool/token-2', secret: 'secret-2', name: 'Summoner' },
  ])
})

t.test('a tool that does not answer, or says far too much', async (t) => {
  const gone = createTool({
    upstream: '127.0.0.1:1',
    site: 'https://tool.example.org',
    container: { id: 'c1', name: 'tool' },
    execIn: async () => ({ code: 3, stdout: '', stderr: 'it broke' }),
  })
  await t.rejects(gone.ask('GET', '/x?password=1'), {
    code: 'hook.connect',
    message: /^tool: GET \/x connect/,
  })
  await t.rejects(gone.run(['x'], {}), { code: 'hook.connect', message: 'tool said: it broke' })
  const { register } = await fake(t, 'sonarqube', () => [200, { webhooks: ['x'.repeat(5 * 1024 * 1024)] }])
  await t.rejects(register(1), { code: 'hook.connect', message: /too much/ })
})

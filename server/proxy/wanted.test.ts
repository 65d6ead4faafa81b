import t from 'tap'
import { SummonerError } from '../errors.ts'
import type { RenderedWeb } from '../templates/rendered.ts'
import type { ManagedSite } from './managed.ts'
import { vhostsOf, type WantedInput } from './wanted.ts'

const web = (host: string, options: Partial<RenderedWeb['options']> = {}): RenderedWeb => ({
  service: 'app',
  port: 80,
  host,
  upstream: '10.213.0.18:80',
  options: { service: 'app', port: 80, ...options },
  paths: [],
})
const site = (minion: string, more: Partial<ManagedSite> = {}): ManagedSite => ({
  minion,
  status: 'running',
  ready: true,
  web: [web(`${minion}.kit.test`)],
  ...more,
})
const secretOf = (name: string) => {
  if (name === 'missing') throw new SummonerError('secret.unknown', 'There is no secret "missing".')
  return `value of ${name}`
}
const of = (more: Partial<WantedInput> = {}) =>
  vhostsOf({
    domain: 'kit.test',
    subnets: '10.213.0.0/16',
    managed: [],
    sites: [],
    foreign: [],
    former: [],
    secretOf,
    ...more,
  })
const find = (host: string, more: Partial<WantedInput>) => of(more).find((vhost) => vhost.host === host)

t.test('an empty box serves itself', async (t) => {
  const found = of()
  t.same(
    found.map(({ host }) => host),
    ['hooks.kit.test', 'kit.test', 'summoner.kit.test'],
  )
  t.match(find('kit.test', {})?.serve, { kind: 'redirect', to: 'summoner.kit.test' })
  t.match(find('hooks.kit.test', {}), {
    plainFor: ['10.213.0.0/16'],
    serve: { servers: [], pathsOnly: true, paths: [{ path: '/hooks/' }] },
  })
  t.match(find('summoner.kit.test', {}), { rootCertificate: true, serve: { buffering: false } })
  t.notOk(find('summoner.kit.test', {})?.plainFor, 'the dashboard is never plain')
})

t.test('what visitors of a minion see', async (t) => {
  const table: [Partial<ManagedSite>, string][] = [
    [{}, 'upstream'],
    [{ status: 'degraded' }, 'upstream'],
    [{ status: 'updating' }, 'upstream'],
    [{ status: 'starting' }, 'upstream'],
    [{ status: 'failed' }, 'failed'],
    [{ status: 'stopped' }, 'stopped'],
    [{ status: 'absent' }, 'stopped'],
    [{ ready: false, status: 'starting' }, 'starting'],
    [{ ready: false, status: 'running' }, 'starting'],
    [{ ready: false, status: 'failed' }, 'failed'],
    [{ ready: false, status: 'stopped' }, 'stopped'],
  ]
  for (const [more, expected] of table) {
    const serve = find('blog.kit.test', { managed: [site('blog', more)] })?.serve
    t.equal(serve?.kind === 'page' ? serve.reason : serve?.kind, expected, JSON.stringify(more))
  }
  t.match(
    find('blog.kit.test', {
      managed: [
        site('blog', {
          web: [web('blog.kit.test', { max_body: '0', buffering: false, timeout: 7, websocket: true })],
        }),
      ],
    })?.serve,
    {
      maxBody: '0',
      buffering: false,
      timeoutSeconds: 7,
      websocket: true,
    },
  )
})

t.test('one owner per host: the box, then minions, then foreign containers, then old names', async (t) => {
  const foreign = (host: string) => ({
    host,
    owner: 'container:x',
    serve: { kind: 'page', reason: 'unreachable' } as const,
  })
  const managed = [
    site('blog'),
    site('home', { web: [web('kit.test')] }),
    site('thief', { web: [web('summoner.kit.test'), web('Blog.kit.test')] }),
  ]
  const former = [
    { host: 'old.kit.test', minion: 'blog' },
    { host: 'home.kit.test', minion: 'home' },
    { host: 'blog.kit.test', minion: 'blog' },
    { host: 'gone.kit.test', minion: 'nobody' },
    { host: 'shop.kit.test', minion: 'blog' },
  ]
  const input = {
    managed,
    foreign: ['blog.kit.test', 'shop.kit.test', 'hooks.kit.test', 'else.where'].map(foreign),
    former,
  }
  const owners = Object.fromEntries(of(input).map(({ host, owner }) => [host, owner]))
  t.same(owners, {
    'summoner.kit.test': 'box',
    'hooks.kit.test': 'box',
    'kit.test': 'minion:home',
    'blog.kit.test': 'minion:blog',
    'shop.kit.test': 'container:x',
    'else.where': 'container:x',
    'old.kit.test': 'minion:blog',
    'home.kit.test': 'minion:home',
  })
  t.match(find('home.kit.test', input)?.serve, { kind: 'redirect', to: 'kit.test' })
})

t.test('options: config.yml before the template before the environment', async (t) => {
  const claims = [
    {
      host: 'blog.kit.test',
      service: 'app',
      path: '/',
      target: { servers: ['10.0.0.9:1'], protocol: 'http' as const },
      https: 'nohttp' as const,
      internal: true,
      certificate: 'shared.test',
    },
  ]
  const proxy = { max_body: '2g', timeout: 9, rate: '300/m', allow: ['192.0.2.1'] }
  const template = web('blog.kit.test', { max_body: '1m', proxy: { rate: '5/s', http3: true } })
  const one = (more: Partial<ManagedSite>) => find('blog.kit.test', { managed: [site('blog', more)] })
  t.match(one({ web: [template] }), {
    serve: { maxBody: '1m' },
    options: { rate: { requests: 5, per: 'second', burst: 20 }, http3: true },
  })
  t.match(one({ web: [template], proxy, claims }), {
    serve: { maxBody: '2g', timeoutSeconds: 9, servers: ['10.213.0.18:80'] },
    options: {
      https: 'nohttp',
      rate: { requests: 300, per: 'minute' },
      allow: ['192.0.2.1'],
      http3: true,
    },
    certificate: 'shared.test',
  })
  t.match(one({ claims })?.options?.allow, ['127.0.0.0/8'])
  t.equal(one({})?.options, undefined)
})

t.test('passwords: hashes only, and a host without its secret is closed', async (t) => {
  const auth = (secret: string) => ({ auth: [{ user: 'ann', password: { secret } }] })
  const good = find('blog.kit.test', { managed: [site('blog', { proxy: auth('web') })] })
  t.match(good?.options?.users, [{ name: 'ann', hash: /^\$6\$/ }])
  t.notMatch(JSON.stringify(good), 'value of web')
  const closed = find('blog.kit.test', { managed: [site('blog', { proxy: auth('missing') })] })
  t.match(closed?.problem, 'missing')
  const thief = {
    host: 'blog.kit.test',
    owner: 'container:x',
    serve: { kind: 'page', reason: 'unreachable' } as const,
  }
  t.match(
    find('blog.kit.test', { managed: [site('blog', { proxy: auth('missing') })], foreign: [thief] }),
    { owner: 'minion:blog' },
    'nobody else takes it meanwhile',
  )
})

t.test('further names of a minion: redirects, and what its containers ask for', async (t) => {
  const claim = (host: string, service = 'app') => ({
    host,
    service,
    path: '/',
    target: { servers: [], protocol: 'http' as const },
    internal: false,
  })
  const input = {
    managed: [
      site('blog', {
        proxy: { redirect_from: ['www.kit.test', 'shop.kit.test'] },
        claims: [
          claim('blog.kit.test'),
          claim('blog.example'),
          claim('summoner.kit.test'),
          claim('db.test', 'db'),
        ],
      }),
      site('shop'),
    ],
  }
  t.match(find('www.kit.test', input), {
    owner: 'minion:blog',
    serve: { kind: 'redirect', to: 'blog.kit.test', permanent: true },
  })
  t.match(find('shop.kit.test', input), { owner: 'minion:shop', serve: { kind: 'upstream' } })
  t.match(find('blog.example', input), { owner: 'minion:blog', serve: { servers: ['10.213.0.18:80'] } })
  t.match(find('summoner.kit.test', input), { owner: 'box' })
  t.notOk(find('db.test', input), 'a service that faces no web has no host')
})

t.test('ports and paths that containers of a minion name', async (t) => {
  const claim = (host: string, path: string, port: number, more: { dest?: string } = {}) => ({
    host,
    service: 'app',
    path,
    target: { servers: [`10.213.0.18:${port}`], protocol: 'http' as const, ...more },
    internal: false,
  })
  const claims = [
    claim('blog.kit.test', '/', 9),
    claim('blog.kit.test', '/api/', 8081, { dest: '/' }),
    claim('same.test', '/', 80),
    claim('admin.test', '/', 8081),
    claim('part.test', '/in/', 8081),
  ]
  const serveOf = (host: string, more: Partial<ManagedSite> = {}) =>
    find(host, { managed: [site('blog', { claims, ...more })] })?.serve
  t.match(
    serveOf('blog.kit.test'),
    { servers: ['10.213.0.18:80'], paths: [{ path: '/api/', servers: ['10.213.0.18:8081'], dest: '/' }] },
    'the template says where the host leads, the container adds a path',
  )
  t.match(serveOf('same.test'), { servers: ['10.213.0.18:80'], paths: [] })
  t.match(serveOf('admin.test'), { servers: ['10.213.0.18:8081'], paths: [], maxBody: '64m' })
  t.match(serveOf('part.test'), { servers: [], pathsOnly: true, paths: [{ path: '/in/' }] })
  t.match(serveOf('admin.test', { ready: false }), { kind: 'page', reason: 'starting' })
})

t.test('sites outside Docker', async (t) => {
  const sites = [
    {
      host: 'nas.kit.test',
      upstream: 'https://192.168.1.5:5001',
      proxy: { redirect_from: ['disk.kit.test'] },
    },
    { host: '*.apps.kit.test', upstream: 'unix:apps.sock' },
    { host: 'old.example', redirect: 'blog.kit.test' },
    { host: 'hooks.kit.test', upstream: 'http://10.0.0.1:80' },
  ]
  t.match(find('nas.kit.test', { sites }), {
    owner: 'site',
    serve: { servers: ['192.168.1.5:5001'], protocol: 'https', websocket: true },
  })
  t.match(find('disk.kit.test', { sites })?.serve, { to: 'nas.kit.test' })
  t.match(find('*.apps.kit.test', { sites })?.serve, { servers: ['unix:/run/summoner-web/apps.sock'] })
  t.match(find('old.example', { sites })?.serve, { kind: 'redirect', to: 'blog.kit.test', permanent: true })
  t.match(find('hooks.kit.test', { sites }), { owner: 'box' })
  t.notOk(find('nas.kit.test', { sites })?.wish)
  const none = { host: 'nas.kit.test', upstream: 'http://10.0.0.1:80', tls: 'none' as const }
  t.same(find('nas.kit.test', { sites: [none] })?.wish, { tls: 'none' })
  const own = { host: 'old.example', redirect: 'blog.kit.test', tls: { acme: 'zerossl' } }
  t.same(find('old.example', { sites: [own] })?.wish, { tls: { acme: 'zerossl' } })
})

t.test('a redirect has HTTPS where its goal has it', async (t) => {
  const proxy = { redirect_from: ['www.kit.test'] }
  const former = [{ host: 'old.kit.test', minion: 'blog' }]
  const leading = (more: Partial<ManagedSite>) => {
    const input = { managed: [site('blog', { proxy, ...more })], former }
    return ['www.kit.test', 'old.kit.test'].map((host) => find(host, input))
  }
  for (const found of leading({ tls: 'none' })) t.match(found, { wish: { tls: 'none' } })
  for (const found of leading({ proxy: { ...proxy, https: 'nohttps' } }))
    t.same(found?.options, { https: 'nohttps' })
  for (const found of leading({})) t.notOk(found?.wish ?? found?.options, 'the choice of the box')
  const sites = [{ host: 'nas.kit.test', upstream: 'http://10.0.0.1:80', tls: 'none' as const, proxy }]
  t.match(find('www.kit.test', { sites }), { wish: { tls: 'none' } })
})

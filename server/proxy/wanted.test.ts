import t from 'tap'
import type { RenderedWeb } from '../templates/rendered.ts'
import { vhostsOf, type ManagedSite, type WantedInput } from './wanted.ts'

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
const of = (more: Partial<WantedInput> = {}) =>
  vhostsOf({ domain: 'kit.test', subnets: '10.213.0.0/16', managed: [], foreign: [], former: [], ...more })
const find = (host: string, more: Partial<WantedInput>) => of(more).find((vhost) => vhost.host === host)

t.test('an empty box serves itself', async (t) => {
  const found = of()
  t.same(
    found.map(({ host }) => host),
    ['hooks.kit.test', 'kit.test', 'summoner.kit.test'],
  )
  t.match(find('kit.test', {})?.serve, { kind: 'redirect', to: 'summoner.kit.test' })
  t.match(find('hooks.kit.test', {}), { plainFor: ['10.213.0.0/16'] })
  t.match(find('summoner.kit.test', {}), { rootCertificate: true, serve: { buffering: false } })
  t.notOk(find('summoner.kit.test', {})?.plainFor, 'the dashboard is never plain')
})

t.test('what visitors of a minion see', async (t) => {
  const table: [Partial<ManagedSite>, string][] = [
    [{}, 'upstream'],
    [{ status: 'degraded' }, 'upstream'],
    [{ status: 'updating' }, 'upstream'],
    [{ status: 'starting' }, 'upstream'],
    [{ status: 'failed' }, 'upstream'],
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

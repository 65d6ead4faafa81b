import t from 'tap'
import type { Container } from '../docker/container.ts'
import { foreignVhosts } from './watcher.ts'

const container = (name: string, env: Record<string, string>, more: Partial<Container> = {}): Container => ({
  id: name,
  name,
  image: 'x',
  imageId: 'x',
  labels: {},
  state: 'running',
  health: 'none',
  exitCode: 0,
  restartCount: 0,
  restartPolicy: 'no',
  networks: { bridge: '172.17.0.2' },
  networkMode: 'bridge',
  env,
  exposedPorts: [80],
  memoryLimit: 0,
  ...more,
})
const hosts = (...containers: Container[]) => foreignVhosts(containers).map(({ host }) => host)
const serversOf = (...containers: Container[]) => {
  const serve = foreignVhosts(containers)[0]?.serve
  return serve?.kind === 'upstream' ? serve.servers : serve
}

t.test('which containers count', async (t) => {
  const env = { VIRTUAL_HOST: 'a.test' }
  t.same(hosts(container('x', env)), ['a.test'])
  t.same(hosts(container('x', {})), [])
  t.same(hosts(container('x', { VIRTUAL_HOST: '' })), [])
  t.same(hosts(container('x', env, { state: 'exited' })), [])
  t.same(
    hosts(container('x', env, { labels: { 'io.summoner.box': 'any box', 'io.summoner.minion': 'x' } })),
    [],
    'ours, or another box’s',
  )
  t.same(hosts(container('x', env, { labels: { 'io.summoner.box': 'b', 'io.summoner.kind': 'task' } })), [])
  t.same(
    hosts(container('x', env, { labels: { 'io.summoner.box': 'b', 'io.summoner.kind': 'build' } })),
    ['a.test'],
    'a stranger that runs from an image of ours',
  )
})

t.test('hosts: lists, spaces, case, and nothing that is no host', async (t) => {
  t.same(hosts(container('x', { VIRTUAL_HOST: ' b.test , A.test,a.test,' })), ['a.test', 'b.test'])
  const odd = container('x', {
    VIRTUAL_HOST:
      '*.a.test,~^b,c.test;evil,d.test\n,127.0.0.1,$host,e.test,f.*,.g.test,*,a.*.test,\u001b[31m',
  })
  const found = foreignVhosts([odd])
  t.same(
    found.filter(({ problem }) => problem === undefined).map(({ host }) => host),
    ['*.a.test', '*.g.test', 'd.test', 'e.test', 'f.*', 'g.test'],
  )
  const refused = Object.fromEntries(
    found.filter(({ problem }) => problem).map(({ host, problem }) => [host, problem]),
  )
  t.match(refused['~^b'], /Regular expressions/)
  t.same(
    Object.keys(refused).sort(),
    ['$host', '*', '127.0.0.1', '?[31m', 'a.*.test', 'c.test;evil', '~^b'],
    'shown, with what a terminal could act on taken out',
  )
})

t.test('ports and addresses', async (t) => {
  const at = (env: Record<string, string>, more: Partial<Container> = {}) =>
    serversOf(container('x', { VIRTUAL_HOST: 'a.test', ...env }, more))
  const nowhere = { kind: 'page', reason: 'unreachable' }
  t.same(at({}), ['172.17.0.2:80'])
  t.same(at({ VIRTUAL_PORT: '8080' }), ['172.17.0.2:8080'])
  t.same(at({}, { exposedPorts: [443, 80] }), ['172.17.0.2:80'])
  t.same(at({}, { exposedPorts: [8080, 9090] }), nowhere, 'which one?')
  t.same(at({}, { exposedPorts: [] }), nowhere)
  t.same(at({ VIRTUAL_PORT: '80; evil' }), nowhere)
  t.same(at({ VIRTUAL_PORT: '70000' }), nowhere)
  t.same(at({}, { networks: {}, networkMode: 'none' }), nowhere)
  t.same(at({}, { networks: { n: '' } }), nowhere)
  t.same(at({ VIRTUAL_PORT: '3000' }, { networks: {}, networkMode: 'host' }), ['127.0.0.1:3000'])
  t.same(
    at({}, { networks: { zoo: '10.1.0.2', app: '10.0.0.2' } }),
    ['10.0.0.2:80'],
    'the same one each time',
  )
})

t.test('several containers share a host', async (t) => {
  const one = container('one', { VIRTUAL_HOST: 'a.test' })
  const two = container('two', { VIRTUAL_HOST: 'a.test' }, { networks: { bridge: '172.17.0.3' } })
  const deaf = container('deaf', { VIRTUAL_HOST: 'a.test', VIRTUAL_PORT: 'x' })
  t.same(serversOf(two, deaf, one), ['172.17.0.2:80', '172.17.0.3:80'])
  t.same(foreignVhosts([two, one]), foreignVhosts([one, two]), 'whatever order the engine lists them in')
  t.equal(foreignVhosts([one, two])[0]?.owner, 'container:one,container:two')
})

t.test('who is unwell rests while another is well', async (t) => {
  const env = { VIRTUAL_HOST: 'a.test' }
  const well = container('well', env, { health: 'healthy' })
  const at = (last: number) => ({ networks: { bridge: `172.17.0.${last}` } })
  const sick = container('sick', env, { health: 'unhealthy', ...at(3) })
  const young = container('young', env, { health: 'starting', ...at(4) })
  t.same(serversOf(well, sick, young), ['172.17.0.2:80'])
  t.same(serversOf(sick, young), ['172.17.0.3:80', '172.17.0.4:80'], 'better than nobody')
})

t.test('paths, destinations and protocols', async (t) => {
  const env = { VIRTUAL_HOST: 'a.test' }
  const api = container(
    'api',
    { ...env, VIRTUAL_PATH: '/api/', VIRTUAL_DEST: '/', VIRTUAL_PORT: '3000' },
    { networks: { bridge: '172.17.0.3' } },
  )
  t.match(foreignVhosts([container('web', env), api])[0], {
    owner: 'container:api,container:web',
    serve: {
      servers: ['172.17.0.2:80'],
      pathsOnly: undefined,
      paths: [{ path: '/api/', dest: '/', servers: ['172.17.0.3:3000'], protocol: 'http' }],
    },
  })
  t.match(foreignVhosts([api])[0]?.serve, { servers: [], pathsOnly: true })
  const deaf = container('deaf', { ...env, VIRTUAL_PORT: 'x' })
  t.match(
    foreignVhosts([deaf, api])[0]?.serve,
    { servers: [], pathsOnly: undefined },
    'the page at /, the API works',
  )
  for (const VIRTUAL_PROTO of ['https', 'uwsgi', 'fastcgi', 'HTTP'])
    t.match(foreignVhosts([container('x', { ...env, VIRTUAL_PROTO })])[0]?.serve, {
      protocol: VIRTUAL_PROTO.toLowerCase(),
    })
  t.match(
    foreignVhosts([container('x', { ...env, VIRTUAL_PROTO: 'fastcgi', VIRTUAL_ROOT: '/srv/app' })])[0]?.serve,
    { root: '/srv/app' },
  )
  for (const [name, value] of [
    ['VIRTUAL_PATH', '~ ^/x'],
    ['VIRTUAL_PATH', '/x; evil'],
    ['VIRTUAL_PATH', 'x'],
    ['VIRTUAL_DEST', '/$host'],
    ['VIRTUAL_PROTO', 'grpc'],
    ['VIRTUAL_PROTO', 'http; evil'],
    ['NETWORK_ACCESS', 'intern'],
    ['CERT_NAME', '../x'],
  ] as const)
    t.match(foreignVhosts([container('x', { ...env, [name]: value })])[0]?.problem, name, `${name}=${value}`)
  t.match(
    foreignVhosts([container('x', { ...env, VIRTUAL_PROTO: 'fastcgi', VIRTUAL_ROOT: '/a/../b' })])[0]
      ?.problem,
    'VIRTUAL_ROOT',
  )
  const both = foreignVhosts([container('bad', { ...env, VIRTUAL_PROTO: 'grpc' }), container('good', env)])
  t.match(both[0], { owner: 'container:good', problem: undefined }, 'the one that can be served is')
})

t.test('HTTPS, access, certificate', async (t) => {
  const one = (env: Record<string, string>) =>
    foreignVhosts([container('x', { VIRTUAL_HOST: 'a.test', ...env })])[0]
  t.equal(one({})?.options, undefined)
  for (const HTTPS_METHOD of ['redirect', 'noredirect', 'nohttp', 'nohttps'] as const)
    t.equal(one({ HTTPS_METHOD })?.options?.https, HTTPS_METHOD)
  t.equal(one({ HTTPS_METHOD: 'off; evil' })?.options, undefined)
  t.match(one({ NETWORK_ACCESS: 'internal' })?.options?.allow, ['127.0.0.0/8', '10.0.0.0/8'])
  t.equal(one({ NETWORK_ACCESS: 'external' })?.options, undefined)
  t.equal(one({ CERT_NAME: 'shared.test' })?.certificate, 'shared.test')
  const shared = foreignVhosts([
    container('a', { VIRTUAL_HOST: 'a.test' }),
    container('b', { VIRTUAL_HOST: 'a.test', NETWORK_ACCESS: 'internal' }),
  ])
  t.ok(shared[0]?.options?.allow, 'one that is internal closes the host')
})

t.test('several hosts, paths and ports of one container', async (t) => {
  const of = (text: string, more: Record<string, string> = {}) =>
    foreignVhosts([container('x', { VIRTUAL_HOST_MULTIPORTS: text, ...more })])
  const found = of(
    `
www.a.test:
  "/":
    port: 8080
  "/api/":
    port: 9000
    dest: "/"
    proto: https
b.test:
c.test: {"/": }
`,
    { VIRTUAL_HOST: 'ignored.test' },
  )
  t.same(
    found.map(({ host }) => host),
    ['b.test', 'c.test', 'www.a.test'],
  )
  t.match(found[2]?.serve, {
    servers: ['172.17.0.2:8080'],
    paths: [{ path: '/api/', dest: '/', servers: ['172.17.0.2:9000'], protocol: 'https' }],
  })
  t.match(found[0]?.serve, { servers: ['172.17.0.2:80'] })
  for (const text of [
    'a: [',
    '- a.test',
    'text',
    '5',
    '['.repeat(5000),
    'a.test: &a {"/": {port: 1}}\nb.test: *a',
    'x'.repeat(20_000),
  ]) {
    const [only, more] = of(text)
    t.match(only?.problem, 'VIRTUAL_HOST_MULTIPORTS', text.slice(0, 20))
    t.equal(more, undefined)
  }
  for (const text of [
    'a.test: {"/x y": }',
    'a.test: {"~ ^/x": {port: 1}}',
    '"a.test;": ',
    'a.test: {"/": {proto: x}}',
  ])
    t.ok(of(text)[0]?.problem, text)
  t.match(of('a.test: {"/": {port: "80; evil"}}')[0]?.serve, { kind: 'page', reason: 'unreachable' })
  t.match(of('__proto__: {"/": {port: 1}}')[0]?.problem ?? 'none', /./)
  t.equal(of(Array.from({ length: 5000 }, (_, i) => `h${i}.a: `).join('\n')).length <= 200, true)
})

t.test('LETSENCRYPT_HOST: which names share a certificate, and whom to tell', async (t) => {
  const wishes = (env: Record<string, string>) =>
    Object.fromEntries(
      foreignVhosts([container('x', { VIRTUAL_HOST: 'a.test,b.test,c.test', ...env })]).map(
        ({ host, wish }) => [host, wish],
      ),
    )
  const names = ['a.test', 'b.test']
  const shared = { names, email: 'me@a.test', asked: true }
  t.same(wishes({ LETSENCRYPT_HOST: 'A.test, b.test,,a.test, ~x', LETSENCRYPT_EMAIL: 'me@a.test' }), {
    'a.test': shared,
    'b.test': shared,
    'c.test': undefined,
  })
  t.same(wishes({ LETSENCRYPT_HOST: 'a.test,b.test', LETSENCRYPT_SINGLE_DOMAIN_CERTS: 'true' }), {
    'a.test': { names: ['a.test'], asked: true },
    'b.test': { names: ['b.test'], asked: true },
    'c.test': undefined,
  })
  t.same(wishes({ LETSENCRYPT_HOST: 'a.test', LETSENCRYPT_EMAIL: 'no address' })['a.test'], {
    names: ['a.test'],
    asked: true,
  })
})

t.test('paths that belong to nginx are refused, and cost nobody else the host', async (t) => {
  const good = container('a', { VIRTUAL_HOST: 'shop.test' })
  for (const path of ['/.well-known/acme-challenge/', '/.well-known/acme-challenge/x', '/.summoner-page']) {
    const bad = container('b', { VIRTUAL_HOST: 'shop.test', VIRTUAL_PATH: path })
    t.match(foreignVhosts([bad])[0]?.problem, /VIRTUAL_PATH: .* is answered by nginx itself/)
    t.match(foreignVhosts([good, bad]), [{ owner: 'container:a', problem: undefined, serve: { paths: [] } }])
  }
})

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
    hosts(container('x', env, { labels: { 'io.summoner.box': 'any box' } })),
    [],
    'ours, or another box’s',
  )
})

t.test('hosts: lists, spaces, case, and nothing that is no host', async (t) => {
  t.same(hosts(container('x', { VIRTUAL_HOST: ' b.test , A.test,a.test,' })), ['a.test', 'b.test'])
  t.same(
    hosts(container('x', { VIRTUAL_HOST: '*.a.test,~^b,c.test;evil,d.test\n,127.0.0.1,$host,e.test' })),
    ['d.test', 'e.test'],
  )
})

t.test('ports and addresses', async (t) => {
  const at = (env: Record<string, string>, more: Partial<Container> = {}) =>
    serversOf(container('x', { VIRTUAL_HOST: 'a.test', ...env }, more))
  const nowhere = { kind: 'page', reason: 'unreachable' }
  t.same(at({}), ['172.17.0.2:80'])
  t.same(at({ VIRTUAL_PORT: '8080' }), ['172.17.0.2:8080'])
  t.same(at({}, { exposedPorts: [80, 443] }), nowhere, 'which one?')
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

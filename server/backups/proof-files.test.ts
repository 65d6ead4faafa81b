import t from 'tap'
import { parse } from 'yaml'
import { proofEnv, proofFiles } from './proof-files.ts'

const compose = `services:
  app:
    image: app:1
    ports: ['127.0.0.1:25:25']
    networks: [front, back]
  db: { image: db:1 }
networks: { front: {}, back: {} }
`
const override = `services:
  app:
    container_name: app-example.org
    labels: { io.summoner.minion: cloud }
    networks: { front: { ipv4_address: 10.0.0.2 } }
    ports: !override []
networks:
  default: { ipam: !override { config: [{ subnet: 10.0.0.0/28 }] } }
`

t.test('cut off, unnamed, unlabelled', (t) => {
  const { text, services } = proofFiles({
    compose,
    override,
    project: 'proof-1',
    host: 'a.example.org',
    boxId: 'b',
  })
  t.same(services, ['app', 'db'])
  const read = parse(text, { logLevel: 'silent' }) as Record<string, Record<string, Record<string, unknown>>>
  t.same(Object.keys(read['networks']!).sort(), ['back', 'default', 'front'])
  for (const network of Object.values(read['networks']!)) t.equal(network['internal'], true)
  const labels = { 'io.summoner.kind': 'task', 'io.summoner.box': 'b' }
  t.same(read['services']!['app'], {
    container_name: 'proof-1-app',
    labels,
    networks: { front: {}, back: {} },
    dns: ['127.0.0.1'],
    dns_opt: ['timeout:1', 'attempts:1'],
    extra_hosts: ['a.example.org:127.0.0.1'],
    ports: [],
    restart: 'no',
    pull_policy: 'never',
  })
  t.same(read['services']!['db']!['networks'], { default: {} })
  t.match(text, /labels: !override/)
  t.match(text, /ports: !override \[\]/)
  t.match(text, /default: !override/)
  t.end()
})

t.test('what was built takes the image of the set', (t) => {
  const sources = 'services: { app: { build: ./source }, db: { image: db:1 } }'
  const { text } = proofFiles({
    compose: sources,
    override: '',
    project: 'p',
    host: 'a',
    boxId: 'b',
    built: { app: 'sha256:1' },
  })
  const read = parse(text, { logLevel: 'silent' }) as { services: Record<string, { image?: string }> }
  t.equal(read.services['app']?.image, 'sha256:1')
  t.notOk(read.services['db']?.image)
  t.end()
})

t.test('what runs in the network of the server cannot be proven beside itself', (t) => {
  const host = 'services: { nginx: { image: n, network_mode: host } }'
  t.throws(() => proofFiles({ compose: host, override: '', project: 'p', host: 'a', boxId: 'b' }), {
    code: 'proof.impossible',
  })
  t.end()
})

t.test('.env keeps its secrets', (t) => {
  t.equal(
    proofEnv("# x\nVOLUME_STORAGE_ROOT='/a'\nPASSWORD='it''s'\n", { VOLUME_STORAGE_ROOT: '/b', X: '1' }),
    "# x\nPASSWORD='it''s'\n\nVOLUME_STORAGE_ROOT='/b'\nX='1'\n",
  )
  t.end()
})

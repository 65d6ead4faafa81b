import t from 'tap'
import { refuseSharedNames } from './names.ts'
import { layoutOf, networkKeys, oneshotsOf, prefixOf, replicasOf } from './networks.ts'
import type { ComposeFile, ComposeService } from './template.ts'
import { template } from './two-services.fixture.ts'

const of = (services: Record<string, ComposeService>, networks: ComposeFile['networks'] = {}) =>
  template({ services, networks }, { web: [{ service: 'web', port: 80 }] })

t.test('networks that services join and that are ours', async (t) => {
  t.strictSame(networkKeys(of({ web: {} })), ['default'])
  t.strictSame(networkKeys(of({ web: { networks: ['default', 'b'] } }, { b: null, unused: {} })), [
    'b',
    'default',
  ])
  t.strictSame(networkKeys(of({ web: { networks: { b: null } } }, { b: {} })), ['b'])
  t.strictSame(networkKeys(of({ web: { network_mode: 'host' } })), [])
  t.strictSame(
    networkKeys(of({ web: { networks: ['x', 'y'] } }, { x: { external: true }, y: { driver: 'macvlan' } })),
    [],
  )
})

t.test('networks are as large as they must be', async (t) => {
  const many = (count: number) =>
    of(
      Object.fromEntries([
        ['web', {}],
        ...Array.from({ length: count }, (_, index) => [`s${index}`, {}]),
      ]) as Record<string, ComposeService>,
    )
  t.equal(prefixOf(many(0)), 28)
  t.equal(prefixOf(many(7)), 28)
  t.equal(prefixOf(many(8)), 27)
  t.equal(prefixOf(many(40)), 25)
  t.equal(prefixOf(of({ web: {}, worker: { deploy: { replicas: 20 } } })), 26)
})

t.test('fixed addresses follow minion.yml, not the order of the file', async (t) => {
  const two = template(
    { services: { api: {}, web: {}, db: {} } },
    { web: [{ service: 'web', port: 80, paths: [{ path: '/api', service: 'api', port: 8080 }] }] },
  )
  t.strictSame(layoutOf(two, { default: '10.0.0.0/28' }).upstream, { web: '10.0.0.2', api: '10.0.0.3' })
})

t.test('nginx takes the network that leads out, and the address of a shared one', async (t) => {
  const inner = of({ web: { networks: ['a', 'z'] } }, { a: { internal: true }, z: {} })
  t.strictSame(layoutOf(inner, { a: '10.0.0.0/28', z: '10.0.1.0/28' }).upstream, { web: '10.0.1.2' })
  const shared = of({ web: { network_mode: 'service:vpn' }, vpn: {} })
  t.strictSame(layoutOf(shared, { default: '10.0.0.0/28' }).upstream, { web: '10.0.0.2' })
  const circle = of({ web: { network_mode: 'service:vpn' }, vpn: { network_mode: 'service:web' } })
  t.strictSame(layoutOf(circle, {}).upstream, {})
})

t.test('one-shots: declared, awaited, or never restarted', async (t) => {
  const some = template(
    {
      services: {
        web: {
          depends_on: {
            migrate: { condition: 'service_completed_successfully' },
            db: { condition: 'service_healthy' },
          },
        },
        migrate: {},
        db: {},
        task: { restart: 'no' },
        init: {},
      },
    },
    { health: { oneshot: ['init'] } },
  )
  t.strictSame(oneshotsOf(some).toSorted(), ['init', 'migrate', 'task'])
})

t.test('replicas', async (t) => {
  t.equal(replicasOf({}, {}), 1)
  t.equal(replicasOf({ deploy: { replicas: 3 } }, {}), 3)
  t.equal(replicasOf({ scale: '${N}' }, { N: '2' }), 2)
  t.equal(replicasOf({ scale: 'many' }, {}), 1)
})

t.test('names are unique over the whole box', async (t) => {
  const minion = (name: string, ...containers: string[]) => ({
    minion: name,
    services: containers.map((containerName) => ({
      service: 's',
      containerName,
      image: '',
      oneshot: false,
      hasHealthcheck: false,
    })),
  })
  refuseSharedNames([minion('site', 'site-x.org', 'db-site-x.org'), minion('other', 'other-x.org')])
  t.throws(
    () =>
      refuseSharedNames([minion('site', 'site-x.org', 'db-site-x.org'), minion('db-site', 'db-site-x.org')]),
    {
      code: 'render.duplicate',
      message: /"db-site-x\.org" .* minion "site" .* minion "db-site"/,
    },
  )
})

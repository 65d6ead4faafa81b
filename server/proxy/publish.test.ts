import t from 'tap'
import { SummonerError } from '../errors.ts'
import { createPublisher } from './publish.ts'
import type { Proxy, Vhost, WantedVhost } from './vhost.ts'

const page = (host: string): WantedVhost => ({
  host,
  owner: 'box',
  serve: { kind: 'page', reason: 'starting' },
})

const certificate = (name: string) => ({
  name,
  names: [name],
  issuer: 'x',
  chain: ['x'],
  notBefore: '',
  notAfter: '',
  certificateFile: `/c/${name}`,
  keyFile: '/k',
  publiclyTrusted: false,
})

function rig() {
  const state = {
    hosts: ['a.test'],
    wishes: [] as WantedVhost[],
    secure: true,
    applied: [] as (readonly Vhost[])[],
    gathered: 0,
  }
  const proxy: Proxy = {
    apply: async (vhosts) => {
      state.applied.push(vhosts)
      await new Promise((done) => setImmediate(done))
      const rejected = vhosts
        .filter(({ host }) => host === 'odd.test')
        .map(({ host }) => ({ host, message: 'odd' }))
      return { changed: true, generation: '1', rejected }
    },
    prepare: async (vhosts) => void state.applied.push(vhosts),
    generation: async () => '1',
  }
  const publisher = createPublisher({
    wanted: async () => {
      state.gathered++
      return [...state.hosts.map(page), ...state.wishes]
    },
    secure: () => state.secure,
    certificates: {
      list: () => [certificate('shared.test')],
      ensure: async (host) => {
        if (host === 'no-certificate.test') throw new SummonerError('certificate.failed', 'the disk is full')
        return certificate(host)
      },
    },
    proxy,
  })
  return { state, publisher }
}

t.test('every host gets its certificate; one without is left out, never plain', async (t) => {
  const { state, publisher } = rig()
  state.hosts = ['a.test', 'no-certificate.test', 'odd.test']
  const applied = await publisher.sync()
  t.same(
    state.applied[0]?.map(({ host, tls }) => [host, tls?.certificate]),
    [
      ['a.test', '/c/a.test'],
      ['odd.test', '/c/odd.test'],
    ],
  )
  t.same(applied.rejected, [
    { host: 'no-certificate.test', message: 'the disk is full' },
    { host: 'odd.test', message: 'odd' },
  ])
  const rejected = (host: string) => publisher.states().find(({ vhost }) => vhost.host === host)?.rejected
  t.equal(rejected('odd.test'), 'odd')
  t.equal(rejected('a.test'), undefined)
  t.same(
    publisher.states().map(({ vhost }) => vhost.host),
    state.hosts,
  )
  state.secure = false
  await publisher.sync()
  t.same(
    state.applied[1]?.map(({ tls }) => tls),
    [undefined, undefined, undefined],
  )
})

t.test('calls at once share the work, and each sees what was wanted at its call or later', async (t) => {
  const { state, publisher } = rig()
  const first = publisher.sync()
  await new Promise((done) => setImmediate(done))
  state.hosts = ['a.test', 'b.test']
  await Promise.all([first, publisher.sync(), publisher.sync(), publisher.sync()])
  t.equal(state.gathered, 2)
  t.same(
    state.applied.at(-1)?.map(({ host }) => host),
    ['a.test', 'b.test'],
  )
})

t.test('a named certificate, none for plain hosts, and wishes that cannot be served', async (t) => {
  const { state, publisher } = rig()
  t.equal(publisher.usedCertificates(), undefined, 'nothing is known yet')
  state.hosts = []
  state.wishes = [
    { ...page('a.test'), certificate: 'shared.test' },
    { ...page('b.test'), certificate: 'nobody.test' },
    { ...page('c.test'), options: { https: 'nohttps' } },
    { ...page('d.*') },
    { ...page('e.*'), options: { https: 'nohttps' } },
    { ...page('~^x'), problem: 'no expressions' },
  ]
  const { rejected } = await publisher.sync()
  t.same(
    state.applied[0]?.map(({ host, tls }) => [host, tls?.certificate]),
    [
      ['a.test', '/c/shared.test'],
      ['c.test', undefined],
      ['e.*', undefined],
    ],
  )
  t.match(Object.fromEntries(rejected.map(({ host, message }) => [host, message])), {
    'b.test': /no certificate called nobody\.test/,
    'd.*': /CERT_NAME/,
    '~^x': 'no expressions',
  })
  const used = publisher.states().map(({ vhost, certificate: held }) => [vhost.host, held?.name])
  t.same(
    Object.fromEntries(used),
    {
      'a.test': 'shared.test',
      'b.test': undefined,
      'c.test': undefined,
      'd.*': undefined,
      'e.*': undefined,
      '~^x': undefined,
    },
    'what each is served with is known',
  )
  t.same(publisher.secureHosts(), [], 'none of them wants one of its own')
  t.same(publisher.usedCertificates(), new Set(['shared.test']))
  state.hosts = ['f.test']
  state.wishes.push({ ...page('shared.test'), certificate: 'shared.test' })
  await publisher.sync()
  t.same(publisher.secureHosts(), ['f.test', 'shared.test'])
  const shown = publisher.states().find(({ vhost }) => vhost.host === '~^x')
  t.equal(shown?.rejected, 'no expressions', 'and it is shown')
  t.notOk('problem' in (state.applied[0]?.[0] ?? {}))
})

import t from 'tap'
import { covers, isPublicName, sourceOf, storedAs } from './source.ts'
import { causeOf, wildcardCause, type NameFacts } from './preflight.ts'

const domain = 'example.org'

t.test('each form of tls', async (t) => {
  t.same(sourceOf('a.example.org', { tls: 'internal', domain }), { kind: 'internal' })
  t.same(sourceOf('a.kit.test', { tls: 'auto', domain: 'kit.test' }), { kind: 'internal' }, 'no public name')
  t.match(sourceOf('a.example.org', { tls: 'auto', domain }), {
    kind: 'acme',
    required: false,
    names: ['a.example.org'],
  })
  t.match(sourceOf('a.example.org', { tls: 'letsencrypt', domain }), {
    directory: /letsencrypt/,
    required: true,
  })
  const own = { kind: 'files', certificate: '/c', key: '/k' }
  t.same(sourceOf('a.example.org', { tls: { files: { certificate: '/c', key: '/k' } }, domain }), own)
  const tls = { acme: 'https://ca.test/dir', wildcard: true, dns: { wait: 0 }, profile: 'tlsserver' }
  const shared = ['example.org', '*.example.org']
  for (const host of ['example.org', 'a.example.org'])
    t.match(sourceOf(host, { tls, domain }), {
      names: shared,
      directory: 'https://ca.test/dir',
      profile: 'tlsserver',
    })
  t.match(
    sourceOf('a.b.example.org', { tls, domain }),
    { names: ['a.b.example.org'] },
    'a wildcard is one label',
  )
  t.equal(storedAs(shared), '*.example.org')
  t.ok(covers(shared, 'a.example.org'))
  t.notOk(covers(shared, 'a.b.example.org'))
  t.notOk(isPublicName('localhost'))
})

t.test('the preflight finds the cause', async (t) => {
  const facts: NameFacts = {
    addresses: ['198.51.100.7'],
    caa: [],
    own: ['198.51.100.7'],
    answered: true,
    strangers: [],
  }
  const cause = (more: Partial<NameFacts>, name = 'a.example.org', dns = false, required = true) =>
    causeOf(name, { ...facts, ...more }, { caa: 'letsencrypt.org', dns, required })
  t.equal(cause({}), undefined)
  t.match(cause({ addresses: undefined }), /DNS did not answer/)
  t.match(cause({ addresses: [] }), /no A or AAAA record/)
  t.match(cause({ addresses: ['203.0.113.9'], answered: false }), /points to 203\.0\.113\.9/)
  t.equal(cause({ addresses: ['203.0.113.9'], answered: true }), undefined, 'behind a load balancer')
  t.match(
    cause({ addresses: ['198.51.100.7', '2001:db8::9'], strangers: ['2001:db8::9'] }),
    /also points to 2001:db8::9/,
    'one of two leads elsewhere',
  )
  t.equal(cause({ strangers: ['203.0.113.9'], own: ['10.0.0.2'] }), undefined, 'behind a router')
  t.match(cause({ answered: false }), /Port 80/)
  t.equal(
    cause({ addresses: ['203.0.113.9'], answered: false, own: ['192.168.1.2'] }),
    undefined,
    'behind a router',
  )
  t.match(
    cause(
      { addresses: ['203.0.113.9'], answered: false, own: ['192.168.1.2'] },
      'a.example.org',
      false,
      false,
    ),
    /points/,
  )
  t.match(cause({ caa: [{ critical: 0, issue: 'other.example' }] }), /CAA/)
  t.equal(cause({ caa: [{ critical: 0, issue: 'letsencrypt.org; validationmethods=http-01' }] }), undefined)
  t.match(
    cause(
      {
        caa: [
          { critical: 0, issue: 'letsencrypt.org' },
          { critical: 0, issuewild: ';' },
        ],
      },
      '*.example.org',
      true,
    ),
    /CAA/,
  )
  t.equal(cause({ addresses: [] }, '*.example.org', true), undefined, 'DNS-01 needs no address')
  t.match(wildcardCause({ names: ['*.example.org'] }), /DNS-01/)
})

t.test('the owner of a host has the first word: its own tls, names that share, a contact', async (t) => {
  const box = { tls: 'letsencrypt', domain } as const
  t.same(sourceOf('a.example.org', box, { tls: 'internal' }), { kind: 'internal' })
  t.same(sourceOf('a.example.org', { tls: 'internal', domain }, { names: ['a.example.org'], asked: true }), {
    kind: 'internal',
  })
  const names = ['a.example.org', 'b.example.org']
  t.match(sourceOf('b.example.org', box, { names, email: 'me@example.org' }), {
    names,
    contact: 'me@example.org',
  })
  t.match(sourceOf('c.example.org', box, { names }), { names: ['c.example.org'] }, 'not among them')
  const auto = { tls: 'auto', domain } as const
  t.match(sourceOf('a.example.org', auto, { names, asked: true }), { required: true, names })
  t.match(
    sourceOf('a.example.org', auto, { names }),
    { required: false },
    'a template of ours does not insist',
  )
  t.match(sourceOf('a.example.org', auto, { asked: true }), { required: false }, 'it asked for nothing')
  t.match(sourceOf('a.example.org', auto, { names: [...names, 'x.lan'] }), { names }, 'no server signs x.lan')
  const own = { acme: 'https://ca.test/dir', profile: 'shortlived' }
  t.match(sourceOf('a.example.org', auto, { tls: own }), {
    directory: own.acme,
    profile: 'shortlived',
    required: true,
  })
})

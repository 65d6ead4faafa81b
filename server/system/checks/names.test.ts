import t from 'tap'
import { namesCheck } from './names.ts'

interface World {
  domain: string
  hosts: string[]
  own: string[]
  dns?: Record<string, string[]>
  local?: Record<string, string[]>
}

const check = ({ domain, hosts, own, dns = {}, local = {} }: World) =>
  namesCheck({
    network: {
      addresses: () => own,
      resolve: async (host) => dns[host] ?? [],
      lookup: async (host) => local[host] ?? [],
    },
    domain: async () => domain,
    hosts: async () => hosts,
  }).run()

t.test('good: every name points here', async (t) => {
  const dns = { 'a.acme.org': ['198.51.100.7'], 'summoner.acme.org': ['2001:db8::7', '198.51.100.7'] }
  t.match(await check({ domain: 'acme.org', hosts: ['a.acme.org'], own: ['198.51.100.7'], dns }), {
    state: 'ok',
    detail: '2 names point to this server.',
  })
})
t.test('good: internal names, with the line to add where they do not resolve', async (t) => {
  t.match(await check({ domain: 'localhost', hosts: ['a.localhost'], own: [] }), {
    state: 'ok',
    hint: undefined,
  })
  const found = await check({
    domain: 'kit.test',
    hosts: ['a.kit.test'],
    own: ['192.168.1.5'],
    local: { 'a.kit.test': ['192.168.1.5'] },
  })
  t.match(found, { state: 'ok', hint: /\n192\.168\.1\.5 summoner\.kit\.test$/u })
})
t.test('bad: no record, with the record to add', async (t) => {
  const hosts = ['a.acme.org', 'b.acme.org']
  t.match(await check({ domain: 'acme.org', hosts, own: ['10.0.0.2', '198.51.100.7'] }), {
    state: 'fail',
    detail: 'No DNS record: a.acme.org, b.acme.org, summoner.acme.org',
    hint: 'Add at your DNS provider:\n*.acme.org. A 198.51.100.7',
  })
})
t.test('bad: another server; behind a router one cannot know', async (t) => {
  const world = { domain: 'acme.org', hosts: [], dns: { 'summoner.acme.org': ['203.0.113.9'] } }
  t.match(await check({ ...world, own: ['198.51.100.7'] }), {
    state: 'fail',
    detail: /summoner\.acme\.org → 203\.0\.113\.9/u,
    hint: /summoner\.acme\.org\. A 198\.51\.100\.7/u,
  })
  for (const own of ['10.0.0.2', '192.168.1.2', '172.20.0.1', '100.64.0.9', 'fd00::1'])
    t.match(await check({ ...world, own: [own] }), { state: 'warn', hint: /router/u }, own)
})

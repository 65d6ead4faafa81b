import t from 'tap'
import { createTransport } from '../acme/transport.ts'
import { createCloudflare } from './cloudflare.ts'
import { createTurn } from '../../jobs/turn.ts'
import { zonesAbove } from './dns-api.ts'
import { type ApiName, OVH, startDnsApi, TOKEN } from './dns-apis.fixture.ts'
import type { DnsProvider } from './dns-provider.ts'
import { createGandi } from './gandi.ts'
import { createHetzner } from './hetzner.ts'
import { createOvh, signatureOf } from './ovh.ts'

const now = () => new Date()
const transport = createTransport({ ca: undefined, proxy: {}, now })
const name = '_acme-challenge.cloud.kit.test'

const made: Record<ApiName, (api: string, wrong?: string) => DnsProvider> = {
  cloudflare: (api, token = TOKEN) => createCloudflare({ token, transport, api }),
  ovh: (api, secret = OVH.secret) => createOvh({ ...OVH, secret, transport, api, now }),
  gandi: (api, token = TOKEN) => createGandi({ token, transport, api, turn: createTurn() }),
  hetzner: (api, token = TOKEN) => createHetzner({ token, transport, api, pauseMs: 1 }),
}

for (const which of ['cloudflare', 'ovh', 'gandi', 'hetzner'] as const)
  t.test(`${which}: values come and go one by one, as the API is documented`, async (t) => {
    const fake = await startDnsApi(which)
    t.teardown(fake.close)
    const provider = made[which](fake.url)
    await provider.add({ name, value: 'first' })
    t.same(fake.values(name), ['first'], 'it is served when add ends')
    await provider.add({ name, value: 'second' })
    t.same(fake.values(name).toSorted(), ['first', 'second'], 'a domain and its wildcard share a name')
    await provider.remove({ name, value: 'first' })
    t.same(fake.values(name), ['second'])
    await provider.remove({ name, value: 'first' })
    t.same(fake.values(name), ['second'], 'what is gone may be removed again')
    await provider.remove({ name, value: 'second' })
    t.same(fake.values(name), [])

    await t.rejects(made[which](fake.url, 'wrong').add({ name, value: 'x' }), {
      code: 'certificate.failed',
      message: /answered 40[013] to GET .*: .+|holds no zone/,
    })
    await t.rejects(provider.add({ name: '_acme-challenge.other.test', value: 'x' }), {
      message: /holds no zone for _acme-challenge.other.test/,
      hint: /zone/,
    })
  })

t.test('what is already there is no failure', async (t) => {
  const fake = await startDnsApi('cloudflare')
  t.teardown(fake.close)
  const provider = made.cloudflare(fake.url)
  await provider.add({ name, value: 'same' })
  await provider.add({ name, value: 'same' })
  t.same(fake.values(name), ['same'])
})

t.test('two orders at once do not overwrite each other where whole sets are replaced', async (t) => {
  const fake = await startDnsApi('gandi')
  t.teardown(fake.close)
  const turn = createTurn()
  const values = ['a', 'b', 'c', 'd']
  const orders = values.map(() => createGandi({ token: TOKEN, transport, api: fake.url, turn }))
  await Promise.all(orders.map((provider, index) => provider.add({ name, value: values[index] ?? '' })))
  t.same(fake.values(name).toSorted(), values)
})

t.test('zones from near to far; an OVHcloud signature covers all that is sent', (t) => {
  t.same(zonesAbove('_acme-challenge.a.b.example.org'), ['a.b.example.org', 'b.example.org', 'example.org'])
  const call = { secret: 's', consumer: 'c', method: 'POST', url: 'https://x/1.0/y', timestamp: '1366560945' }
  const signature = signatureOf({ ...call, body: { a: 1 } })
  t.match(signature, /^\$1\$[0-9a-f]{40}$/)
  t.not(signatureOf({ ...call, body: { a: 2 } }), signature)
  t.end()
})

/** A proxy in front of ours: who is trusted says where a visitor comes from, who is not only claims to. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { VhostOptions } from '../server/proxy/vhost.ts'
import { createProxyRig, upstream } from './proxy-rig.ts'

const FRONT = '127.0.0.2'
const STRANGER = '127.0.0.9'

const rig = await createProxyRig()
t.teardown(() => rig.remove())
const app = createServer((request, response) => response.end(JSON.stringify(request.headers)))
await once(app.listen(0, '127.0.0.1'), 'listening')
t.teardown(() => app.close().closeAllConnections())
const serve = upstream(`127.0.0.1:${(app.address() as AddressInfo).port}`)

let trusted: string[] = []
const proxy = rig.boot({ trusted: () => trusted })
const withOptions = (host: string, options: VhostOptions = {}) => rig.vhost(host, serve, { options })
const vhosts = async () => [
  await withOptions('app.kit.test'),
  await withOptions('closed.kit.test', { allow: ['203.0.113.0/24'] }),
  await withOptions('denied.kit.test', { deny: ['203.0.113.66'] }),
  await withOptions('slow.kit.test', { rate: { requests: 1, per: 'minute', burst: 0 } }),
  await rig.vhost('moved.kit.test', { kind: 'redirect', to: 'app.kit.test' }),
  await rig.vhost('hooks.kit.test', serve, { plainFor: ['203.0.113.0/24'], rootCertificate: true }),
]
const told = (client: string, proto?: string) => ({
  'x-forwarded-for': client,
  ...(proto === undefined ? {} : { 'x-forwarded-proto': proto }),
})
const heard = async (headers: Record<string, string>, as: string, plain = false) =>
  JSON.parse((await rig.ask('app.kit.test', { headers, as, plain })).body) as Record<string, string>
const status = async (host: string, headers: Record<string, string>, as = FRONT, plain = false) =>
  (await rig.ask(host, { headers, as, plain })).status

t.before(async () => {
  await proxy.prepare(await vhosts())
  await rig.start()
})

t.test('off: nobody is believed', async (t) => {
  t.match(await heard(told('203.0.113.7', 'http'), FRONT), {
    'x-forwarded-for': FRONT,
    'x-real-ip': FRONT,
    'x-forwarded-proto': 'https',
  })
  t.equal(await status('closed.kit.test', told('203.0.113.7')), 403)
  t.equal(await status('app.kit.test', told('203.0.113.7', 'https'), FRONT, true), 301)
})

t.test('on: whom config.yml lists is believed, and nobody else', async (t) => {
  trusted = [`${FRONT}/32`, '198.51.100.0/24']
  t.same((await proxy.apply(await vhosts())).rejected, [])
  t.match(await heard(told('203.0.113.7', 'https'), FRONT), {
    'x-forwarded-for': '203.0.113.7',
    'x-real-ip': '203.0.113.7',
    'x-forwarded-proto': 'https',
  })
  t.match(
    await heard(told('192.0.2.1, 203.0.113.7, 198.51.100.3'), FRONT),
    { 'x-forwarded-for': '203.0.113.7' },
    'the last that is not trusted itself: what stands before may be made up',
  )
  t.match(
    await heard(told('203.0.113.7', 'http'), STRANGER),
    { 'x-forwarded-for': STRANGER, 'x-forwarded-proto': 'https' },
    'a stranger only claims',
  )
})

t.test('rules see the visitor', async (t) => {
  t.equal(await status('closed.kit.test', told('203.0.113.7')), 200)
  t.equal(await status('closed.kit.test', told('192.0.2.1')), 403)
  t.equal(await status('closed.kit.test', told('203.0.113.7'), STRANGER), 403)
  t.equal(await status('denied.kit.test', told('203.0.113.66')), 403)
  t.equal(await status('denied.kit.test', told('203.0.113.67')), 200)
  const one = [
    await status('slow.kit.test', told('203.0.113.7')),
    await status('slow.kit.test', told('203.0.113.7')),
  ]
  t.same(one, [200, 429])
  t.equal(await status('slow.kit.test', told('203.0.113.8')), 200, 'another visitor of the same proxy')
})

t.test('plain HTTP between the two', async (t) => {
  t.match(
    await heard(told('203.0.113.7', 'https'), FRONT, true),
    { 'x-forwarded-proto': 'https', 'x-forwarded-port': '443', 'x-forwarded-for': '203.0.113.7' },
    'asked over HTTPS in front: served, not sent round in circles',
  )
  t.equal(await status('app.kit.test', told('203.0.113.7', 'http'), FRONT, true), 301)
  t.equal(await status('app.kit.test', told('203.0.113.7', 'https'), STRANGER, true), 301)
  const posted = await rig.ask('app.kit.test', {
    as: FRONT,
    plain: true,
    method: 'POST',
    body: 'x',
    headers: told('203.0.113.7'),
  })
  t.equal(posted.status, 308, 'a POST stays one')
  const moved = await rig.ask('moved.kit.test', {
    as: FRONT,
    plain: true,
    headers: told('203.0.113.7', 'https'),
  })
  t.equal(moved.status, 307)
  t.match(moved.headers.location, /^https:\/\/app\.kit\.test/)
  writeFileSync(join(rig.dirs.proxy, 'acme/token'), 'proof')
  const proof = { plain: true, path: '/.well-known/acme-challenge/token' }
  t.equal((await rig.ask('app.kit.test', proof)).body, 'proof', 'certificates are still proven')
  t.match((await rig.ask('hooks.kit.test', { plain: true, path: '/ca.crt' })).body, /BEGIN CERTIFICATE/)
  t.equal(await status('hooks.kit.test', told('203.0.113.7'), FRONT, true), 200, 'our own subnets')
  t.equal(await status('hooks.kit.test', told('192.0.2.1'), FRONT, true), 301)
})

t.test('the generation is not told through a proxy in front', async (t) => {
  const marker = '/.well-known/summoner/generation'
  const through = rig.ask('127.0.0.1', { plain: true, path: marker, as: FRONT, headers: told('203.0.113.7') })
  await t.rejects(through)
  t.match(await rig.probe.once(), /^[0-9]+-/)
})

t.test('off again, and nginx complained about nothing', async (t) => {
  trusted = []
  await proxy.apply(await vhosts())
  t.match(await heard(told('203.0.113.7', 'http'), FRONT), {
    'x-forwarded-for': FRONT,
    'x-forwarded-proto': 'https',
  })
  t.notMatch(await rig.logs(), /\[(warn|crit|alert|emerg)\]/)
})

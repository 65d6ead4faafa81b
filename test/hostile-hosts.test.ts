/** 200 hosts that nginx must never see as they are, beside good ones: the good ones answer through all of it. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Vhost } from '../server/proxy/vhost.ts'
import { createProxyRig, upstream } from './proxy-rig.ts'

const GOOD = 20
const BATCHES = 10
const BATCH = 20

/** What people and containers may write, or what goes wrong on disk; each is refused by itself. */
const bad: ((base: Vhost, index: number) => Vhost)[] = [
  (base) => ({ ...base, host: 'a.test;}\nserver { listen 1; }' }),
  (base) => ({ ...base, host: '../../etc/passwd' }),
  (base, index) => ({ ...base, host: `${'x'.repeat(64)}${index}.test` }),
  (base) => ({ ...base, serve: upstream('10.0.0.1:80; return 200') }),
  (base) => ({ ...base, serve: upstream('unix:/run/summoner-admin/api.sock;#') }),
  (base) => ({ ...base, serve: upstream('10.0.0.1:99999') }),
  (base) => ({ ...base, serve: upstream('10.0.0.1:80', { maxBody: '1m; deny all' }) }),
  (base) => ({ ...base, serve: { kind: 'redirect', to: 'evil.test/;}' } }),
  (base) => ({ ...base, tls: { certificate: '/nowhere.pem', key: '/nowhere.key', publiclyTrusted: false } }),
  (base, index) => ({ ...base, options: { snippet: `proxy_set_header X-A${index} $no_such_variable;` } }),
  (base, index) => ({ ...base, options: { snippet: `limit_req zone=nobody${index};` } }),
  (base, index) => ({ ...base, options: { snippet: `rewrite ^/${index}( /x;` } }),
  (base) => ({ ...base, options: { snippet: '} server { listen 81; ' } }),
  (base) => ({ ...base, options: { headers: { 'X-A': 'b\nc' } } }),
  (base) => ({ ...base, options: { allow: ['10.0.0.0/8; allow all'] } }),
  (base) => ({ ...base, options: { static: { '/a/': '../../certificates' } } }),
]

t.test('200 hostile or broken hosts', { timeout: 400_000 }, async (t) => {
  const rig = await createProxyRig()
  t.teardown(() => rig.remove())
  const app = createServer((_request, response) => response.end('good'))
  await once(app.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => app.close())
  const serve = upstream(`127.0.0.1:${(app.address() as AddressInfo).port}`)
  const good = await Promise.all(
    Array.from({ length: GOOD }, (_, index) => rig.vhost(`good${index}.test`, serve)),
  )
  const proxy = rig.boot()
  await proxy.prepare(good)
  await rig.start()

  let answered = 0
  const failures: string[] = []
  const asks = { busy: true }
  const visitor = (async () => {
    while (asks.busy)
      for (const { host } of good) {
        const reply = await rig.ask(host).catch((error: Error) => ({ status: 0, body: error.message }))
        if (reply.status === 200 && reply.body === 'good') answered++
        else failures.push(`${host}: ${reply.status} ${reply.body.slice(0, 80)}`)
      }
  })()

  const all: Vhost[] = []
  let rejected: string[] = []
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let index = batch * BATCH; index < (batch + 1) * BATCH; index++) {
      const base = await rig.vhost(`bad${index}.test`, serve)
      all.push(bad[index % bad.length]?.(base, index) ?? base)
    }
    const applied = await proxy.apply([...good, ...all])
    rejected = applied.rejected.map(({ host }) => host)
    t.equal(rejected.length, all.length, `${all.length} are refused`)
    t.ok(
      applied.rejected.every(({ message }) => message.length > 0),
      'each with its reason',
    )
  }
  // a change of a good one goes through beside them
  const changed = { ...(good[0] as Vhost), options: { headers: { 'X-New': 'yes' } } }
  await proxy.apply([changed, ...good.slice(1), ...all])
  t.equal((await rig.ask('good0.test')).headers['x-new'], 'yes')
  asks.busy = false
  await visitor
  t.same(failures, [], `${answered} visits of the good hosts, every one answered`)
  t.ok(answered > GOOD)
})

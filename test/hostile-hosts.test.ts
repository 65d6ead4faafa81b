/** 200 hosts that nginx must never see as they are, beside good ones: the good ones answer through all of it. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Vhost } from '../server/proxy/vhost.ts'
import { createProxyRig, upstream } from './proxy-rig.ts'

const GOOD = 20
const BATCHES = 10
const BATCH = 20

type Bad = (base: Vhost, index: number) => Vhost

/** What we see through ourselves: nothing of it ever reaches nginx. */
const hostile: Bad[] = [
  (base, index) => ({ ...base, host: `a${index}.test;}\nserver { listen 1; }` }),
  (base, index) => ({ ...base, host: `../../etc/passwd${index}` }),
  (base, index) => ({ ...base, host: `${'x'.repeat(64)}${index}.test` }),
  (base) => ({ ...base, serve: upstream('10.0.0.1:80; return 200') }),
  (base) => ({ ...base, serve: upstream('unix:/run/summoner-admin/api.sock;#') }),
  (base) => ({ ...base, serve: upstream('10.0.0.1:99999') }),
  (base) => ({ ...base, serve: upstream('10.0.0.1:80', { maxBody: '1m; deny all' }) }),
  (base) => ({ ...base, serve: { kind: 'redirect', to: 'evil.test/;}' } }),
  (base) => ({ ...base, options: { snippet: '} server { listen 81; ' } }),
  (base) => ({ ...base, options: { snippet: 'proxy_set_header X-A b;' } }),
  (base) => ({ ...base, options: { headers: { 'X-A': 'b\nc' } } }),
  (base) => ({ ...base, options: { allow: ['10.0.0.0/8; allow all'] } }),
  (base) => ({ ...base, options: { static: { '/a/': '../../certificates' } } }),
]

/** What reads well, and only nginx knows better. */
const broken = [
  'expires never-ever;',
  'add_header;',
  'add_header X-A $no_such_variable;',
  'rewrite "(" /x;',
  'location / { return 204; }',
  'location ~ ( { deny all; }',
  'error_page 99 /x;',
  'set $host x;',
  'limit_rate 5q;',
  'proxy_read_timeout soon;',
  'gzip maybe;',
  'deny 300.1.1.1;',
  'if ($no_such_variable) { return 404; }',
  'return 1000 x;',
].map((snippet): Bad => (base) => ({ ...base, options: { snippet } }))

t.test('200 hostile or broken hosts', { timeout: 900_000 }, async (t) => {
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

  // what goes wrong on disk
  const file = (name: string, text: string) => {
    writeFileSync(join(rig.dirs.certificates, name), text)
    return join(rig.dirs.certificates, name)
  }
  const own = good[0]?.tls
  const chain = readFileSync(own?.certificate ?? '', 'utf8')
  const half = file('half.pem', chain.slice(0, chain.length / 2))
  const stranger = file('stranger.key', (await rig.authority.issue(['stranger.test'])).privateKey)
  const pair = (certificate: string, key: string): Bad => {
    return (base) => ({ ...base, tls: { certificate, key, publiclyTrusted: false } })
  }
  const damaged = [
    pair('/nowhere.pem', '/nowhere.key'),
    pair(half, own?.key ?? ''),
    pair(own?.certificate ?? '', stranger),
    pair(own?.certificate ?? '', file('empty.key', '')),
  ]
  // each host that nginx itself refuses costs a test of its own
  const kinds = [...hostile, ...broken, ...hostile, ...damaged]

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
  let refused: { host: string; message: string }[] = []
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let index = batch * BATCH; index < (batch + 1) * BATCH; index++) {
      const base = await rig.vhost(`bad${index}.test`, serve)
      all.push(kinds[index % kinds.length]?.(base, index) ?? base)
    }
    refused = (await proxy.apply([...good, ...all])).rejected
    t.same(
      refused.map(({ host }) => host).sort(),
      all.map(({ host }) => host).sort(),
      `${all.length} are refused, and nobody else`,
    )
    t.ok(
      refused.every(({ message }) => message.length > 0),
      'each with its reason',
    )
  }
  t.equal(new Set(refused.map(({ host }) => host)).size, BATCHES * BATCH)
  const byNginx = refused.filter(({ message }) => message.includes('/etc/nginx/summoner/hosts/bad'))
  t.ok(byNginx.length >= 50, `${byNginx.length} of ${refused.length} in the words of nginx`)
  // a change of a good one goes through beside them
  const changed = { ...(good[0] as Vhost), options: { headers: { 'X-New': 'yes' } } }
  await proxy.apply([changed, ...good.slice(1), ...all])
  t.equal((await rig.ask('good0.test')).headers['x-new'], 'yes')
  // and the next daemon, which remembers nothing, comes to the same
  const few = [changed, ...good.slice(1), ...all.slice(-BATCH)]
  t.equal((await rig.boot().apply(few)).rejected.length, BATCH)
  asks.busy = false
  await visitor
  t.same(failures, [], `${answered} of ${answered + failures.length} visits of the good hosts answered`)
  t.ok(answered > GOOD)
  t.comment(
    `${refused.length} refused, ${byNginx.length} by nginx itself; ${answered} visits, ${failures.length} lost`,
  )

  // what lies on disk starts from nothing
  await rig.exec(['docker', 'restart', rig.name])
  for (let tries = 0; (await rig.probe.once()) === undefined && tries < 400; tries++) await sleep(25)
  for (const { host } of good) t.equal((await rig.ask(host)).body, 'good', host)
})

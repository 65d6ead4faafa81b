/** Options of hosts with a real nginx: who gets in, where requests lead, and what a broken wish does to the others. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTcp, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { hashPassword } from '../server/proxy/hash-password.ts'
import type { Vhost, VhostOptions } from '../server/proxy/vhost.ts'
import { createProxyRig, upstream } from './proxy-rig.ts'

const rig = await createProxyRig()
t.teardown(() => rig.remove())
const proxy = rig.boot()

/** Answers with its own name and what it heard. */
async function application(name: string) {
  const server = createServer((request, response) => {
    response.setHeader('x-frame-options', 'ALLOWALL')
    const { url, headers } = request
    const padding = url === '/large' ? 'x'.repeat(5000) : ''
    const body = JSON.stringify({ name, url, headers, padding })
    // nginx weighs an answer by its length before it compresses
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close().closeAllConnections())
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}
const one = await application('one')
const two = await application('two')
const heard = (body: string) =>
  JSON.parse(body) as { name: string; url: string; headers: Record<string, string> }
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
const withOptions = (host: string, options: VhostOptions, serve: Vhost['serve'] = upstream(one.address)) =>
  rig.vhost(host, serve, { options })
const user = (name: string, password: string, host: string) => ({
  name,
  hash: hashPassword(password, `${name}@${host}`),
})

t.before(async () => {
  await proxy.prepare([await rig.vhost('first.kit.test', upstream(one.address))])
  await rig.start()
})

t.test('basic authentication', async (t) => {
  const host = 'secret.kit.test'
  const users = [user('ann', 'correct horse', host), user('bob', 'é: ☃', host)]
  t.same((await proxy.apply([await withOptions(host, { users })])).rejected, [])
  const asked = await rig.ask(host)
  t.equal(asked.status, 401)
  t.match(asked.headers['www-authenticate'], /^Basic realm="secret\.kit\.test"/)
  t.equal((await rig.ask(host, { headers: basic('ann', 'wrong horse') })).status, 401)
  t.equal((await rig.ask(host, { headers: basic('eve', 'correct horse') })).status, 401)
  const inside = await rig.ask(host, { headers: basic('ann', 'correct horse') })
  t.equal(inside.status, 200)
  t.equal(heard(inside.body).headers['authorization'], undefined, 'the application never sees the password')
  t.equal((await rig.ask(host, { headers: basic('bob', 'é: ☃') })).status, 200)
  await proxy.apply([await withOptions(host, { users: [user('ann', 'new horse', host)] })])
  t.equal(
    (await rig.ask(host, { headers: basic('ann', 'correct horse') })).status,
    401,
    'the old one is gone',
  )
  t.equal((await rig.ask(host, { headers: basic('ann', 'new horse') })).status, 200)
})

t.test('addresses, rates, headers, size, compression', async (t) => {
  const refused = await proxy.apply([
    await withOptions('closed.kit.test', { allow: ['192.0.2.0/24', '2001:db8::/32'] }),
    await withOptions('open.kit.test', { allow: ['127.0.0.0/8'] }),
    await withOptions('denied.kit.test', { deny: ['127.0.0.1'] }),
    await withOptions('slow.kit.test', { rate: { requests: 1, per: 'minute', burst: 2 } }),
    await withOptions('headers.kit.test', {
      headers: { 'X-Frame-Options': 'SAMEORIGIN', 'X-Robots-Tag': 'noindex', 'Referrer-Policy': 'origin' },
    }),
    await withOptions('small.kit.test', {}, upstream(one.address, { maxBody: '1k' })),
    await withOptions('plain.kit.test', { compression: false }),
  ])
  t.same(refused.rejected, [])
  t.equal((await rig.ask('closed.kit.test')).status, 403)
  t.equal((await rig.ask('open.kit.test')).status, 200)
  t.equal((await rig.ask('denied.kit.test')).status, 403)
  const slow: number[] = []
  for (let count = 0; count < 5; count++) slow.push((await rig.ask('slow.kit.test')).status)
  t.same(slow, [200, 200, 200, 429, 429], 'one and a burst of two')
  const { headers } = await rig.ask('headers.kit.test')
  t.match(headers, {
    'x-frame-options': 'SAMEORIGIN',
    'x-robots-tag': 'noindex',
    'referrer-policy': 'origin',
    'x-content-type-options': 'nosniff',
  })
  t.equal((await rig.ask('small.kit.test', { method: 'POST', body: 'x'.repeat(2000) })).status, 413)
  const gzip = { 'accept-encoding': 'gzip' }
  const large = await rig.ask('open.kit.test', { path: '/large', headers: gzip })
  t.equal(large.headers['content-encoding'], 'gzip')
  t.match(large.headers.vary, /Accept-Encoding/i)
  const brotli = { 'accept-encoding': 'br, gzip' }
  const better = await rig.ask('open.kit.test', { path: '/large', headers: brotli })
  t.equal(better.headers['content-encoding'], 'br')
  t.equal(
    (await rig.ask('plain.kit.test', { path: '/large', headers: brotli })).headers['content-encoding'],
    undefined,
  )
  t.equal(
    (await rig.ask('plain.kit.test', { path: '/large', headers: gzip })).headers['content-encoding'],
    undefined,
  )
  t.equal(
    (await rig.ask('open.kit.test', { headers: gzip })).headers['content-encoding'],
    undefined,
    'too small',
  )
})

t.test('plain HTTP: sent away, served, closed, or alone', async (t) => {
  await proxy.apply([
    await withOptions('redirect.kit.test', { https: 'redirect' }),
    await withOptions('noredirect.kit.test', { https: 'noredirect', allow: ['192.0.2.1'] }),
    await withOptions('nohttp.kit.test', { https: 'nohttp' }),
    { ...(await withOptions('nohttps.kit.test', { https: 'nohttps' })), tls: undefined },
  ])
  const plain = async (host: string) => (await rig.ask(host, { plain: true })).status
  t.equal(await plain('redirect.kit.test'), 301)
  const posted = await rig.ask('redirect.kit.test', { plain: true, method: 'POST', body: 'x' })
  t.equal(posted.status, 308, 'a POST stays one')
  t.equal(await plain('noredirect.kit.test'), 403, 'guarded as its other side')
  await t.rejects(plain('nohttp.kit.test'), 'no answer')
  t.equal(await plain('nohttps.kit.test'), 200)
  await t.rejects(rig.ask('nohttps.kit.test'), 'it has no certificate')
  writeFileSync(join(rig.dirs.proxy, 'acme/token'), 'proof')
  for (const host of ['noredirect.kit.test', 'nohttp.kit.test', 'nohttps.kit.test'])
    t.equal(
      (await rig.ask(host, { plain: true, path: '/.well-known/acme-challenge/token' })).body,
      'proof',
      `${host} can still prove itself`,
    )
  const path = '/.well-known/acme-challenge/token'
  t.equal(
    (await rig.ask('noredirect.kit.test', { path })).body,
    'proof',
    'sent to HTTPS by somebody in front',
  )
  t.equal(
    (await rig.ask('mail.kit.test', { plain: true, path })).body,
    'proof',
    'a name that is served nowhere',
  )
  await t.rejects(rig.ask('mail.kit.test', { plain: true }), 'nothing else there')
})

t.test('static files, and nothing through a link', async (t) => {
  const folder = join(rig.dirs.proxy, 'static')
  mkdirSync(join(folder, 'files'), { recursive: true })
  writeFileSync(join(folder, 'robots.txt'), 'Disallow: /')
  writeFileSync(join(folder, 'files/a.css'), 'a {}')
  symlinkSync('/etc/passwd', join(folder, 'files/passwd'))
  const options = { static: { '/robots.txt': 'robots.txt', '/files/': 'files' } }
  await proxy.apply([await withOptions('static.kit.test', options)])
  const get = (path: string) => rig.ask('static.kit.test', { path })
  t.equal((await get('/robots.txt')).body, 'Disallow: /')
  const css = await get('/files/a.css')
  t.match(css.headers['content-type'], 'text/css')
  t.equal(css.body, 'a {}')
  t.equal((await get('/files/passwd')).status, 403)
  for (const path of [
    '/files../users/',
    '/files/%2e%2e/%2e%2e/users/',
    '/files/..%2f..%2fcurrent/nginx.conf',
  ])
    t.notMatch((await get(path)).body, /server_name|\$6\$/, path)
  t.equal(heard((await get('/else')).body).url, '/else')
})

t.test('a snippet works; one that nginx refuses costs its own host only', async (t) => {
  const good = await withOptions('good.kit.test', {
    snippet: 'add_header X-Mine yes;\nlocation = /xmlrpc.php { deny all; }\n# the end',
  })
  const broken: [string, string][] = [
    ['expires never-ever;', 'invalid value'],
    ['location / { return 204; }', 'duplicate location'],
    ['add_header;', 'invalid number of arguments'],
    ['rewrite "(" /x;', 'pcre2?_compile'],
  ]
  const vhosts = await Promise.all(
    broken.map(([snippet], index) => withOptions(`broken${index}.kit.test`, { snippet })),
  )
  const { rejected } = await proxy.apply([good, ...vhosts])
  t.same(
    rejected.map(({ host }) => host).sort(),
    broken.map((_row, index) => `broken${index}.kit.test`),
  )
  for (const [index, [, message]] of broken.entries())
    t.match(
      rejected.find(({ host }) => host === `broken${index}.kit.test`)?.message,
      new RegExp(message),
      'in the words of nginx',
    )
  const page = await rig.ask('good.kit.test')
  t.equal(page.headers['x-mine'], 'yes')
  t.equal((await rig.ask('good.kit.test', { path: '/xmlrpc.php' })).status, 403)
})

t.test('wildcards: the exact host wins, the application hears the name that was asked', async (t) => {
  const star = await rig.vhost('star.kit.test', upstream(one.address))
  await proxy.apply([
    {
      ...star,
      host: '*.kit.test',
      tls: undefined,
      options: { rate: { requests: 99, per: 'second', burst: 9 } },
    },
    { ...star, host: 'kit.*', tls: undefined },
    { ...(await rig.vhost('own.kit.test', upstream(two.address))), tls: undefined },
  ])
  const who = async (host: string) => heard((await rig.ask(host, { plain: true })).body)
  t.match(await who('any.kit.test'), { name: 'one', headers: { host: `any.kit.test:${rig.http}` } })
  t.match(await who('own.kit.test'), { name: 'two' })
  t.match(await who('kit.example'), {
    name: 'one',
    headers: { 'x-forwarded-host': `kit.example:${rig.http}` },
  })
  await t.rejects(who('elsewhere.test'))
})

t.test('several servers: the dead one is passed over; one that goes drains', async (t) => {
  const serve = upstream([one.address, two.address, '127.0.0.1:9'])
  await proxy.apply([await rig.vhost('many.kit.test', serve)])
  const names = new Set<string>()
  for (let count = 0; count < 40; count++) {
    const answer = await rig.ask('many.kit.test')
    t.equal(answer.status, 200)
    names.add(heard(answer.body).name)
  }
  t.same([...names].sort(), ['one', 'two'])

  const slow = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).write('begun ')
    void sleep(1200).then(() => response.end('ended'))
  })
  await once(slow.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => slow.close().closeAllConnections())
  const going = `127.0.0.1:${(slow.address() as AddressInfo).port}`
  await proxy.apply([await rig.vhost('many.kit.test', upstream([going]))])
  const underway = rig.ask('many.kit.test')
  await sleep(200)
  await proxy.apply([await rig.vhost('many.kit.test', upstream([one.address]))])
  t.equal(heard((await rig.ask('many.kit.test')).body).name, 'one', 'new requests go elsewhere')
  t.equal((await underway).body, 'begun ended', 'what was underway ends')
})

t.test('paths, other protocols, and a path without a server', async (t) => {
  const fastcgi = createTcp((socket) => {
    socket.on('error', () => {})
    socket.once('data', (record) => {
      const script = /SCRIPT_FILENAME(\/srv\/app[a-z/.]+)/.exec(record.toString('latin1'))?.[1] ?? 'none'
      const body = Buffer.from(`Content-Type: text/plain\r\n\r\n${script}`)
      const out = Buffer.alloc(8)
      out.set([1, 6, 0, 1])
      out.writeUInt16BE(body.length, 4)
      const end = Buffer.from([1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
      socket.end(Buffer.concat([out, body, end]))
    })
  })
  const uwsgi = createTcp((socket) => {
    socket.on('error', () => {})
    socket.once('data', (packet) => {
      const path = /REQUEST_URI..(\/[a-z/]*)/s.exec(packet.toString('latin1'))?.[1] ?? 'none'
      socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${path}`)
    })
  })
  for (const server of [fastcgi, uwsgi]) {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => server.close())
  }
  const at = (server: typeof fastcgi) => `127.0.0.1:${(server.address() as AddressInfo).port}`
  const serve = upstream([], {
    pathsOnly: true,
    paths: [
      { path: '/api/', servers: [two.address], dest: '/' },
      { path: '/kept/', servers: [one.address] },
      { path: '/php/', servers: [at(fastcgi)], protocol: 'fastcgi', root: '/srv/app' },
      { path: '/uwsgi/', servers: [at(uwsgi)], protocol: 'uwsgi' },
      { path: '/gone/', servers: [] },
    ],
  })
  t.same((await proxy.apply([await rig.vhost('paths.kit.test', serve)])).rejected, [])
  const get = (path: string) => rig.ask('paths.kit.test', { path })
  t.match(heard((await get('/api/v1?x=y')).body), { name: 'two', url: '/v1?x=y' })
  t.match(heard((await get('/kept/v1')).body), { name: 'one', url: '/kept/v1' })
  t.equal((await get('/php/index.php')).body, '/srv/app/php/index.php')
  t.equal((await get('/uwsgi/x')).body, '/uwsgi/x')
  const gone = await get('/gone/')
  t.equal(gone.status, 503)
  t.match(gone.body, /Not answering/)
  t.equal((await get('/')).status, 404)
})

t.test('HTTP/3 where it is asked for', async (t) => {
  await proxy.apply([
    await withOptions('three.kit.test', { http3: true }),
    await withOptions('two.kit.test', {}),
  ])
  t.equal((await rig.ask('three.kit.test')).headers['alt-svc'], `h3=":${rig.https}"; ma=86400`)
  t.equal((await rig.ask('two.kit.test')).headers['alt-svc'], undefined)
  // a long header of a version that does not exist: who speaks QUIC answers with the versions it knows
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  const packet = Buffer.alloc(1200)
  packet.set([0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0])
  socket.send(packet, rig.https, '127.0.0.1')
  const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(5000) })) as [Buffer]
  t.equal(answer.readUInt32BE(1), 0, 'version negotiation')
  t.ok(answer.includes(Buffer.from([0, 0, 0, 1])), 'QUIC 1 is offered')
  await proxy.apply([await withOptions('two.kit.test', {})])
})

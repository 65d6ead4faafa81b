/** The proxy with a real nginx: what visitors, applications and attackers see. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { connect as tcp, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { connect as tls } from 'node:tls'
import t from 'tap'
import type { Vhost } from '../server/proxy/vhost.ts'
import { createProxyRig, upstream, type ProxyRig } from './proxy-rig.ts'

const rig = await createProxyRig()
t.teardown(() => rig.remove())

/** An application: answers with what it was told about the visitor, and echoes websockets. */
const app = createServer((request, response) => {
  if (request.url === '/teapot') response.writeHead(503, { 'content-type': 'text/plain' }).end('my own 503')
  else if (request.url === '/own-headers')
    response.writeHead(200, { 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' }).end()
  else {
    request.resume()
    request.on('end', () =>
      response.end(JSON.stringify({ url: request.url, method: request.method, headers: request.headers })),
    )
  }
})
app.on('upgrade', (request: IncomingMessage, socket) => {
  const key = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
  )
  socket.pipe(socket)
  socket.on('error', () => {})
})
await once(app.listen(0, '127.0.0.1'), 'listening')
t.teardown(() => app.close().closeAllConnections())
const address = `127.0.0.1:${(app.address() as AddressInfo).port}`

const proxy = rig.boot()
const heard = (body: string) =>
  JSON.parse(body) as { url: string; method: string; headers: Record<string, string> }

const basic = async () => [
  await rig.vhost('blog.kit.test', upstream(address)),
  await rig.vhost('chat.kit.test', upstream(address, { websocket: true, maxBody: '2m' })),
  await rig.vhost('down.kit.test', upstream('127.0.0.1:9')),
  await rig.vhost('new.kit.test', { kind: 'page', reason: 'starting' }),
  await rig.vhost('old.kit.test', { kind: 'redirect', to: 'blog.kit.test' }),
  await rig.vhost('hooks.kit.test', upstream(address), {
    plainFor: ['10.213.0.0/16'],
    rootCertificate: true,
  }),
]

t.before(async () => {
  await proxy.prepare(await basic())
  await rig.start()
})

t.test('what was prepared before nginx ran is served, and applying it again touches nothing', async (t) => {
  const before = await proxy.generation()
  const applied = await proxy.apply(await basic())
  t.same(applied, { changed: false, generation: before, rejected: [] })
  t.equal(rig.events.filter(({ type }) => type === 'proxy.reloaded').length, 0)
})

t.test('plain HTTP is sent to HTTPS, which the internal root proves', async (t) => {
  const away = await rig.ask('blog.kit.test', { plain: true, path: '/a?b=c' })
  t.equal(away.status, 301)
  t.equal(away.headers.location, `https://blog.kit.test:${rig.https}/a?b=c`)
  const page = await rig.ask('blog.kit.test', { path: '/a?b=c' })
  t.equal(page.status, 200)
  t.equal(heard(page.body).url, '/a?b=c')
  await t.rejects(rig.ask('blog.kit.test', { ca: 'none' }), 'a stranger does not trust it')
  const moved = await rig.ask('old.kit.test', { path: '/x', method: 'POST' })
  t.equal(moved.status, 307)
  t.equal(moved.headers.location, `https://blog.kit.test:${rig.https}/x`)
})

t.test('unknown hosts get no answer and no certificate', async (t) => {
  for (const host of ['nobody.kit.test', '127.0.0.1', 'evil.test'])
    await t.rejects(rig.ask(host, { plain: true }), { code: 'ECONNRESET' }, `${host} on HTTP`)
  for (const servername of ['nobody.kit.test', undefined]) {
    const socket = tls({
      host: '127.0.0.1',
      port: rig.https,
      rejectUnauthorized: false,
      ...(servername ? { servername } : {}),
    })
    await t.rejects(once(socket, 'secureConnect'), `${servername} is refused in the handshake`)
    t.same(socket.getPeerCertificate() ?? {}, {}, 'no certificate was shown')
    socket.destroy()
  }
  const fronted = await rig.ask('blog.kit.test', { headers: { host: 'nobody.kit.test' } })
  t.equal(fronted.status, 421, 'a known SNI opens no unknown host')
})

t.test('the generation is told to this machine only', async (t) => {
  const here = await rig.ask('127.0.0.1', { plain: true, path: '/.well-known/summoner/generation' })
  t.match(here.body, /^[0-9]{6}-[0-9a-f]{12}$/)
  const other = Object.values(networkInterfaces())
    .flat()
    .find((entry) => entry?.family === 'IPv4' && !entry.internal)
  t.ok(other, 'this machine has an address besides loopback')
  await t.rejects(
    rig.ask('x', { plain: true, path: '/.well-known/summoner/generation', from: other?.address ?? '' }),
    'elsewhere the connection is closed',
  )
})

t.test('the application hears the real client; what a client claims is overwritten', async (t) => {
  const claims = {
    'X-Forwarded-For': '6.6.6.6',
    'X-Forwarded-Host': 'evil.test',
    'X-Forwarded-Proto': 'gopher',
    'X-Forwarded-Port': '1',
    'X-Forwarded-Server': 'evil.test',
    'X-Forwarded-Prefix': '/evil',
    'X-Real-IP': '6.6.6.6',
    Forwarded: 'for=6.6.6.6',
    Proxy: 'http://evil.test',
    'X-Original-URL': '/admin',
    'X-Rewrite-URL': '/admin',
    Connection: 'close, X-Forwarded-For, X-Forwarded-Host, X-Real-IP',
    'X-Request-ID': 'mine',
  }
  const { headers } = heard((await rig.ask('blog.kit.test', { headers: claims })).body)
  t.match(headers, {
    host: `blog.kit.test:${rig.https}`,
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-host': `blog.kit.test:${rig.https}`,
    'x-forwarded-proto': 'https',
    'x-forwarded-port': String(rig.https),
  })
  for (const gone of [
    'forwarded',
    'proxy',
    'x-forwarded-server',
    'x-forwarded-prefix',
    'x-original-url',
    'x-rewrite-url',
  ])
    t.equal(headers[gone], undefined, `${gone} is not handed on`)
  t.not(headers['x-request-id'], 'mine')
  t.notMatch(JSON.stringify(headers), /6\.6\.6\.6|evil/)
})

t.test('headers: what is missing is added, what the application says stays', async (t) => {
  const plain = await rig.ask('blog.kit.test')
  t.equal(plain.headers['x-content-type-options'], 'nosniff')
  t.equal(plain.headers['strict-transport-security'], undefined, 'never with a certificate of our own root')
  t.equal(plain.headers.server, 'nginx', 'no version')
  const own = await rig.ask('blog.kit.test', { path: '/own-headers' })
  t.equal(own.headers['referrer-policy'], 'no-referrer')
  t.equal(own.headers['x-content-type-options'], 'nosniff')
})

t.test('websockets pass where they are asked for, nothing else is upgraded', async (t) => {
  const upgrade = async (host: string, protocol: string) => {
    const socket = tls({ host: '127.0.0.1', port: rig.https, servername: host, ca: rig.authority.rootPem() })
    await once(socket, 'secureConnect')
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: ${host}\r\nUpgrade: ${protocol}\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return { socket, status: answer.toString().slice(9, 12) }
  }
  const open = await upgrade('chat.kit.test', 'websocket')
  t.equal(open.status, '101')
  open.socket.write('ping over the proxy')
  const [echo] = (await once(open.socket, 'data')) as [Buffer]
  t.equal(echo.toString(), 'ping over the proxy')

  await proxy.apply([...(await basic()), await rig.vhost('during.kit.test', upstream(address))])
  open.socket.write('after a reload')
  t.equal(
    ((await once(open.socket, 'data')) as [Buffer])[0].toString(),
    'after a reload',
    'a reload breaks no websocket',
  )
  open.socket.destroy()
  for (const [host, protocol] of [
    ['chat.kit.test', 'h2c'],
    ['blog.kit.test', 'websocket'],
  ] as const) {
    const refused = await upgrade(host, protocol)
    t.equal(refused.status, '200', `${protocol} on ${host} is an ordinary request`)
    refused.socket.destroy()
  }
})

t.test('the body limit is the host’s own', async (t) => {
  const body = Buffer.alloc(1_500_000)
  t.equal((await rig.ask('chat.kit.test', { method: 'POST', body })).status, 200)
  const refused = await rig.ask('blog.kit.test', { method: 'POST', body }).catch((error: unknown) => error)
  t.match(refused, { status: 413 })
})

t.test(
  'the friendly page: 503, Retry-After, both languages; an application’s own error passes',
  async (t) => {
    const ask = (host: string, language: string, method = 'GET') =>
      rig.ask(host, {
        method,
        headers: { 'accept-language': language },
        ...(method === 'POST' ? { body: 'x=1' } : {}),
      })
    const english = await ask('down.kit.test', 'en-GB,en;q=0.9,fr;q=0.5')
    t.equal(english.status, 503)
    t.equal(english.headers['retry-after'], '5')
    t.equal(english.headers['content-type'], 'text/html; charset=utf-8')
    t.match(english.body, '<html lang="en">')
    t.match(english.body, '<strong>down.kit.test</strong> does not answer')
    t.match(english.body, 'http-equiv="refresh"')
    t.notMatch(english.body, /src=|href=|https?:\/\//, 'no outside request')
    for (const language of ['fr', 'fr-FR,fr;q=0.9,en;q=0.8', 'de, fr;q=0.8, en;q=0.7'])
      t.match((await ask('down.kit.test', language)).body, 'ne répond pas pour le moment', language)
    for (const language of ['', 'de', 'en, fr', 'xfr'])
      t.match((await ask('down.kit.test', language)).body, 'does not answer', language)
    t.equal((await ask('down.kit.test', 'en', 'POST')).status, 503)
    const starting = await ask('new.kit.test', 'fr')
    t.equal(starting.status, 503)
    t.match(starting.body, 'Démarrage en cours')
    const own = await rig.ask('blog.kit.test', { path: '/teapot' })
    t.match(own, { status: 503, body: 'my own 503' })
    t.equal((await rig.ask('down.kit.test', { path: '/.summoner-page' })).status, 404, 'not to be asked for')
  },
)

t.test('hooks answer plain HTTP to our own subnets; the root is there for all', async (t) => {
  const own = await rig.ask('hooks.kit.test', {
    plain: true,
    path: '/hooks/gitlab/s3cret',
    method: 'POST',
    body: '{}',
  })
  t.equal(own.status, 200)
  t.match(heard(own.body).headers, { 'x-forwarded-proto': 'http', 'x-forwarded-port': String(rig.http) })
  const root = await rig.ask('hooks.kit.test', { plain: true, path: '/ca.crt' })
  t.equal(root.body, rig.authority.rootPem())
  t.equal(root.headers['content-type'], 'application/x-x509-ca-cert')
  const log = readFileSync(join(rig.dir, 'logs/hooks.kit.test.access.log'), 'utf8')
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  t.match(lines.at(0), { host: 'hooks.kit.test', client: '127.0.0.1', status: 200, path: '/hooks/…' })
  t.notMatch(log, 's3cret')
})

t.test('a host that nginx refuses is left out; the others change and serve', async (t) => {
  const broken = await rig.vhost('broken.kit.test', upstream(address))
  // a pair that fits, yet is too weak for nginx
  const file = join(rig.dirs.certificates, 'weak.pem')
  await rig.exec(
    ['openssl', 'req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=broken.kit.test'].concat([
      '-keyout',
      `${file}.key`,
      '-out',
      file,
    ]),
  )
  broken.tls = { certificate: file, key: `${file}.key`, publiclyTrusted: false }
  const missing = await rig.vhost('missing.kit.test', upstream(address))
  missing.tls = { certificate: `${file}.none`, key: `${file}.key`, publiclyTrusted: false }
  const odd = await rig.vhost('odd.kit.test', upstream(address))
  odd.serve = upstream('127.0.0.1:80; } evil')
  const good = await rig.vhost('good.kit.test', upstream(address))
  const applied = await proxy.apply([...(await basic()), broken, missing, odd, good])
  t.same(applied.rejected.map(({ host }) => host).sort(), [
    'broken.kit.test',
    'missing.kit.test',
    'odd.kit.test',
  ])
  t.match(applied.rejected.find(({ host }) => host === 'broken.kit.test')?.message, /key too small/)
  t.equal((await rig.ask('good.kit.test')).status, 200)
  t.equal((await rig.ask('blog.kit.test')).status, 200)
  await t.rejects(rig.ask('broken.kit.test'))
  const again = await proxy.apply([...(await basic()), broken, missing, odd, good])
  t.equal(again.changed, false)
  t.equal(again.rejected.length, 3, 'still said')
})

t.test('a renewed certificate is served', async (t) => {
  const serial = async () => {
    const socket = tls({
      host: '127.0.0.1',
      port: rig.https,
      servername: 'blog.kit.test',
      ca: rig.authority.rootPem(),
    })
    await once(socket, 'secureConnect')
    const found = socket.getPeerCertificate().serialNumber
    socket.destroy()
    return found
  }
  const vhosts = await basic()
  await proxy.apply(vhosts)
  const before = await serial()
  const blog = vhosts.find(({ host }) => host === 'blog.kit.test')
  const { fullchain, privateKey } = await rig.authority.issue(['blog.kit.test'])
  // under the same paths: only the bytes tell
  writeFileSync(blog?.tls?.certificate ?? '', fullchain)
  writeFileSync(blog?.tls?.key ?? '', privateKey)
  t.equal((await proxy.apply(vhosts)).changed, true)
  t.not(await serial(), before)
})

t.test(
  'a daemon killed at any step of a change: the next one brings the box to what is wanted',
  async (t) => {
    const wanted = await basic()
    /** The daemon gets as far as this and hangs there for ever: it is dead. */
    const dies = (reached: () => void) => (): Promise<never> => {
      reached()
      return new Promise(() => {})
    }
    const moments: [string, (reached: () => void) => Partial<Parameters<ProxyRig['boot']>[0]>][] = [
      ['before the test', (reached) => ({ engine: { execIn: dies(reached), kill: rig.engine.kill } })],
      [
        'between swap and reload',
        (reached) => ({ engine: { execIn: rig.engine.execIn, kill: dies(reached) } }),
      ],
      ['between reload and probe', (reached) => ({ probe: { once: rig.probe.once, until: dies(reached) } })],
    ]
    for (const [index, [moment, at]] of moments.entries()) {
      const host = `killed${index}.kit.test`
      wanted.push(await rig.vhost(host, upstream(address)))
      await new Promise<void>((reached) => void rig.boot(at(reached)).apply(wanted))
      const next = rig.boot()
      await next.apply(wanted)
      t.equal((await rig.ask(host)).status, 200, moment)
      t.equal((await next.apply(wanted)).changed, false)
    }
    t.ok(readdirSync(join(rig.dirs.proxy, 'generations')).length <= 4)
  },
)

t.test('calls at once share their reloads', async (t) => {
  const proxy = rig.boot()
  const vhosts = await basic()
  const reloads = () => rig.events.filter(({ type }) => type === 'proxy.reloaded').length
  await proxy.apply(vhosts)
  const before = reloads()
  const more: Vhost[] = []
  for (let index = 0; index < 12; index++)
    more.push(await rig.vhost(`many${index}.kit.test`, upstream(address)))
  await Promise.all(more.map((_, index) => proxy.apply([...vhosts, ...more.slice(0, index + 1)])))
  t.equal(reloads() - before, 1, 'one reload for 12 calls')
  for (let index = 0; index < 12; index++) t.equal((await rig.ask(`many${index}.kit.test`)).status, 200)
})

t.test('no fresh connection is lost while nginx reloads again and again', async (t) => {
  const proxy = rig.boot()
  const vhosts = await basic()
  let asking = true
  let asked = 0
  const lost: unknown[] = []
  const load = Array.from({ length: 8 }, async () => {
    while (asking) {
      asked++
      await rig.ask('blog.kit.test', { plain: true }).catch((error: unknown) => lost.push(error))
    }
  })
  for (let index = 0; index < 10; index++)
    await proxy.apply([...vhosts, await rig.vhost(`reload${index}.kit.test`, upstream(address))])
  asking = false
  await Promise.all(load)
  t.same(lost, [])
  t.ok(asked > 200, `${asked} fresh connections during 10 reloads`)
})

t.test('1,000 hosts, the longest legal names among them', async (t) => {
  const proxy = rig.boot()
  const shared = (await rig.vhost('shared.kit.test', upstream(address))).tls
  const long = (index: number) =>
    `${`${'x'.repeat(62)}.`.repeat(3)}${'y'.repeat(40)}${String(index).padStart(4, '0')}.${'z'.repeat(10)}.kit.test`
  const many = Array.from({ length: 1000 }, (_, index) => ({
    host: index % 100 === 0 ? long(index) : `host${index}.kit.test`,
    owner: 'minion:many',
    serve: upstream(address),
    tls: shared,
  }))
  let started = performance.now()
  const took = () => Math.round(performance.now() - started)
  await proxy.apply(many)
  t.comment(`1,000 new hosts: ${took()} ms`)
  started = performance.now()
  await proxy.apply([...many, await rig.vhost('one-more.kit.test', upstream(address))])
  t.comment(`one more beside 1,000: ${took()} ms`)
  t.equal((await rig.ask('one-more.kit.test')).status, 200)
  t.equal((await rig.ask(long(900), { plain: true })).status, 301)
  started = performance.now()
  await proxy.apply([...many, await rig.vhost('one-more.kit.test', upstream(address))])
  t.comment(`nothing to do at 1,000: ${took()} ms`)
  await proxy.apply(await basic())
  started = performance.now()
  await proxy.apply([...(await basic()), await rig.vhost('eleventh.kit.test', upstream(address))])
  t.comment(`one more beside 6: ${took()} ms`)
})

t.test('nginx complained about nothing', async (t) => {
  const log = await rig.logs()
  t.notMatch(log, /\[(emerg|alert|crit)\]/)
})

t.test('clients that speak no HTTP do no harm', async (t) => {
  const socket = tcp({ host: '127.0.0.1', port: rig.https })
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.1\r\nHost: blog.kit.test\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  t.match(answer.toString(), /^HTTP\/1\.1 (301|400)/)
  socket.destroy()
})

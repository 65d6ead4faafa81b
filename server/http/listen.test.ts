import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventEmitter, once } from 'node:events'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { SummonerError } from '../errors.ts'
import { createHttp } from './create-http.ts'
import { groupId, listen } from './listen.ts'
import type { Role } from './roles.ts'
import { sendEvents, type SseMessage } from './sse.ts'

// Short: a socket's path has at most 107 bytes.
const folder = mkdtempSync(join(tmpdir(), 'sum-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

let boxes = 0
function directories() {
  const run = join(folder, `${++boxes}/run`)
  return { run, adminSocket: join(run, 'admin/api.sock'), webSocket: join(run, 'web/web.sock') }
}

/** A gate that requests wait at; `reached(n)` when n of them do. */
function gate() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  const arrivals = new EventEmitter()
  let waiting = 0
  return {
    opened,
    open,
    reach: () => arrivals.emit('one', ++waiting),
    async reached(count: number) {
      while (waiting < count) await once(arrivals, 'one')
    },
  }
}

async function build(revoked: Set<string> = new Set()) {
  const slow = gate()
  const stream = { ended: Promise.withResolvers<string>(), begun: Promise.withResolvers<void>() }
  const app = await createHttp({
    logger: pino({ level: 'silent' }),
    version: '1',
    authenticate(credential) {
      if (revoked.has(credential) || !['viewer', 'operator'].includes(credential))
        throw new SummonerError('auth.required', 'no')
      return { name: credential, role: credential as Role }
    },
  })
  const config = { role: 'viewer' as const }
  app.get('/who', { config }, (request) => ({ ...request.actor, ip: request.ip ?? null }))
  app.post('/rule', { config: { role: 'administrator' } }, (request) => request.actor)
  app.get('/slow', { config }, async () => {
    slow.reach()
    await slow.opened
    return { slow: true }
  })
  app.get('/stream', { config }, (request, reply) => {
    sendEvents(
      request,
      reply,
      async function* (signal): AsyncGenerator<SseMessage> {
        try {
          yield { event: 'hello', id: 1, data: { text: 'two\nlines' } }
          stream.begun.resolve()
          await once(signal, 'abort')
        } finally {
          stream.ended.resolve('ended')
        }
      },
      20,
    )
  })
  return { app, slow, stream }
}

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

function open(
  socketPath: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; agent?: Agent } = {},
) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ socketPath, path, ...options }, resolve)
      .once('error', reject)
      .end()
  })
}

async function ask(...parameters: Parameters<typeof open>): Promise<Answer> {
  const response = await open(...parameters)
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

async function listening(t: Test, options: { group?: number; graceMs?: number; revoked?: Set<string> } = {}) {
  const { app, slow, stream } = await build(options.revoked)
  const where = directories()
  const { revoked: _revoked, ...rest } = options
  const server = await listen(app, { directories: where, ...rest })
  let closed: Promise<void> | undefined
  const close = () => (closed ??= server.close())
  t.teardown(close)
  return { ...where, app, slow, stream, close }
}

t.test('the socket tells who asks', async (t) => {
  const { adminSocket, webSocket } = await listening(t)
  const local = await ask(adminSocket, '/who')
  t.match(JSON.parse(local.body), { name: 'local', role: 'administrator' })
  t.equal((await ask(adminSocket, '/rule', { method: 'POST' })).status, 200)
  t.match(
    JSON.parse((await ask(adminSocket, '/who', { headers: { authorization: 'Bearer wrong' } })).body),
    { name: 'local' },
    'a stray token on the admin socket changes nothing',
  )
  t.equal((await ask(webSocket, '/who')).status, 401)
  t.equal(
    (await ask(webSocket, '/rule', { method: 'POST', headers: { authorization: 'Bearer operator' } })).status,
    403,
  )
  const web = await ask(webSocket, '/who', {
    headers: { authorization: 'Bearer viewer', 'x-forwarded-for': '203.0.113.7' },
  })
  t.same(JSON.parse(web.body), { name: 'viewer', role: 'viewer', ip: '203.0.113.7' })
})

t.test('nothing a web client sends makes it local, or somebody else', async (t) => {
  const { webSocket } = await listening(t)
  const spoofs: Record<string, string>[] = [
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-forwarded-for': '' },
    { 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1', host: 'localhost' },
    { connection: 'x-forwarded-for', 'x-admin': '1' },
  ]
  for (const headers of spoofs)
    t.equal((await ask(webSocket, '/rule', { method: 'POST', headers })).status, 401)
  const spoofed = await ask(webSocket, '/who', {
    headers: { authorization: 'Bearer viewer', 'x-forwarded-for': '10.9.9.9, 127.0.0.1, 203.0.113.7' },
  })
  t.equal((JSON.parse(spoofed.body) as { ip: string }).ip, '203.0.113.7', 'only what nginx appended counts')
  const both = new Agent({ keepAlive: true, maxSockets: 1 })
  t.equal(
    (await ask(webSocket, '/who', { agent: both, headers: { authorization: 'Bearer viewer' } })).status,
    200,
  )
  t.equal((await ask(webSocket, '/who', { agent: both })).status, 401, 'a connection remembers no credential')
  both.destroy()
})

t.test('who may open which socket', async (t) => {
  const group = 54321
  const asRoot = process.getuid?.() === 0
  const { run, adminSocket, webSocket } = await listening(t, asRoot ? { group } : {})
  const mode = (path: string) => statSync(path).mode & 0o7777
  t.equal(mode(run), asRoot ? 0o710 : 0o700)
  t.equal(mode(join(run, 'admin')), asRoot ? 0o710 : 0o700)
  t.equal(mode(join(run, 'web')), 0o711)
  t.equal(mode(adminSocket), 0o660)
  t.equal(mode(webSocket), 0o666)
  if (!asRoot) return
  t.equal(statSync(adminSocket).gid, group)
  t.equal(statSync(run).gid, group)
  // The kernel's own answer, asked as other users.
  chmodSync(folder, 0o755)
  chmodSync(join(run, '..'), 0o755)
  const can = async (uid: number, gid: number, path: string) => {
    // Not node: tap's own preload lies in the checkout, which other users may have no way into.
    const args = ['-s', '-o', '/dev/null', '-m', '5', '--unix-socket', path, 'http://box/']
    const child = spawn('curl', args, { uid, gid, cwd: '/', env: { PATH: '/usr/bin:/bin' }, stdio: 'ignore' })
    const [exit] = (await once(child, 'exit')) as [number]
    // 7: could not connect.
    return exit === 0 ? 'yes' : exit === 7 ? 'no' : `exit ${exit}`
  }
  t.equal(await can(65534, 65534, adminSocket), 'no', 'a stranger')
  t.equal(await can(65534, 65534, webSocket), 'no', 'a stranger cannot reach the web socket either')
  t.equal(await can(65534, group, adminSocket), 'yes', 'the group')
  chmodSync(run, 0o755)
  t.equal(await can(65534, 65534, webSocket), 'yes', 'a worker to whom the web folder is mounted')
  t.equal(await can(65534, 65534, adminSocket), 'no')
})

t.test('sockets left behind, taken, or no sockets', async (t) => {
  const { app } = await build()
  t.teardown(() => app.close())
  const where = directories()
  mkdirSync(join(where.run, 'admin'), { recursive: true })
  mkdirSync(join(where.run, 'web'), { recursive: true })
  const webInode = statSync(join(where.run, 'web')).ino
  // A killed process leaves its socket file.
  const code = `require('net').createServer().listen(${JSON.stringify(where.webSocket)}, () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', code]), 'exit')
  t.ok(lstatSync(where.webSocket).isSocket())
  const first = await listen(app, { directories: where })
  t.equal((await ask(where.webSocket, '/api/v1/health')).status, 200)
  t.equal(statSync(join(where.run, 'web')).ino, webInode, 'a mounted folder is not recreated')

  const second = await build()
  t.teardown(() => second.app.close())
  await t.rejects(listen(second.app, { directories: where }), {
    code: 'port.taken',
    message: /Another Summoner/,
  })
  t.equal((await ask(where.webSocket, '/api/v1/health')).status, 200, 'the first one is not harmed')
  await first.close()
  t.notOk(existsSync(where.webSocket))
  t.notOk(existsSync(where.adminSocket))

  const third = await build()
  t.teardown(() => third.app.close())
  writeFileSync(where.adminSocket, 'mine')
  await t.rejects(listen(third.app, { directories: where }), { code: 'port.taken', message: /not a socket/ })
  t.ok(existsSync(where.adminSocket), 'a file of somebody is not deleted')
})

t.test('stopping lets requests in flight finish, on both sockets, and ends streams', async (t) => {
  const { adminSocket, webSocket, slow, stream, close } = await listening(t, { graceMs: 60_000 })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const headers = { authorization: 'Bearer viewer' }
  const idle = await ask(adminSocket, '/who', { agent })
  t.equal(idle.status, 200)
  const streamed = ask(webSocket, '/stream', { headers, agent })
  await stream.begun.promise
  const web = ask(webSocket, '/slow', { headers, agent })
  const admin = ask(adminSocket, '/slow', { agent })
  await slow.reached(2)
  const closed = close()
  t.match((await streamed).body, /^retry: \d+\n\nevent: hello\nid: 1\ndata: \{"text":"two\\nlines"\}\n\n/)
  t.equal(await stream.ended.promise, 'ended')
  slow.open()
  t.same(JSON.parse((await web).body), { slow: true })
  t.same(JSON.parse((await admin).body), { slow: true })
  await closed
  await t.rejects(ask(adminSocket, '/who'), { code: 'ENOENT' })
})

t.test('what does not finish is cut after the grace', async (t) => {
  const { adminSocket, slow, close } = await listening(t, { graceMs: 50 })
  const cut = ask(adminSocket, '/slow').catch((error: NodeJS.ErrnoException) => error.code)
  await slow.reached(1)
  await close()
  t.equal(await cut, 'ECONNRESET')
  slow.open()
})

t.test('a stream ends with its client, and when the token is revoked', async (t) => {
  const revoked = new Set<string>()
  const { webSocket, stream } = await listening(t, { revoked })
  const headers = { authorization: 'Bearer viewer' }
  const response = await open(webSocket, '/stream', { headers })
  await stream.begun.promise
  t.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8')
  t.equal(response.headers['x-accel-buffering'], 'no')
  response.destroy()
  t.equal(await stream.ended.promise, 'ended')

  let text = ''
  const second = await open(webSocket, '/stream', { headers })
  for await (const chunk of second) {
    text += String(chunk)
    if (/\n:\n/.test(text)) revoked.add('viewer')
  }
  t.match(text, /\n:\n/, 'heartbeats came, then the end')
})

t.test('garbage on a socket harms nobody', async (t) => {
  const { adminSocket, webSocket } = await listening(t)
  for (const socket of [adminSocket, webSocket]) {
    const connection = connect(socket)
    connection.on('error', () => {})
    connection.end('\u0016\u0003\u0001 this is no HTTP\r\n\r\n')
    connection.resume()
    await once(connection, 'close')
    t.equal((await ask(socket, '/api/v1/health')).status, 200)
  }
})

t.test('the id of a group', async (t) => {
  const file = join(folder, 'group')
  writeFileSync(file, 'root:x:0:\nsummoners:x:7:\nsummoner:x:998:ada,bob\n')
  t.equal(groupId('summoner', file), 998)
  t.equal(groupId('root', file), 0)
  t.equal(groupId('nobody', file), undefined)
  t.equal(groupId('summoner', join(folder, 'none')), undefined)
})

t.test('a path too long for a socket is a clear error', async (t) => {
  const { app } = await build()
  t.teardown(() => app.close())
  const run = join(folder, 'x'.repeat(120))
  await t.rejects(
    listen(app, {
      directories: { run, adminSocket: join(run, 'admin/api.sock'), webSocket: join(run, 'web/web.sock') },
    }),
    { code: 'socket.failed' },
  )
  t.notOk(existsSync(run))
})

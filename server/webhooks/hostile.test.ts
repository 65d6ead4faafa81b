/** What strangers send over a socket to exhaust the daemon: answered with 4xx in little memory, while good webhooks are taken. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'

const MEBIBYTE = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'summoner-hostile-'))
const socketPath = join(folder, 's')
const worker = spawn(process.execPath, [join(import.meta.dirname, 'hooks-worker.fixture.ts'), socketPath], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
t.teardown(() => {
  worker.kill()
  rmSync(folder, { recursive: true, force: true })
})
const [line] = (await once(worker.stdout, 'data')) as [Buffer]
const { any, git } = JSON.parse(String(line)) as Record<'any' | 'git', { path: string; secret: string }>

const residentMiB = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))?.[1]) / 1024

/** Writes pieces until the server has answered or closed; gives the status. */
function pour(head: string, piece: Buffer, times: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    let answer = ''
    let left = times
    const done = () => {
      socket.destroy()
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0))
    }
    const write = () => {
      while (left-- > 0)
        if (!socket.write(piece)) {
          socket.once('drain', write)
          break
        }
    }
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.once('error', done).once('close', done).once('end', done)
    socket.write(head)
    write()
  })
}

const head = (path: string, ...headers: string[]) =>
  ['POST ' + path + ' HTTP/1.1', 'Host: hooks', 'Content-Type: application/json', ...headers, '', ''].join(
    '\r\n',
  )
const good = (number: number) => {
  const body = JSON.stringify({ number })
  return pour(
    head(any.path, `Content-Length: ${body.length}`, 'Connection: close') + body,
    Buffer.alloc(0),
    0,
  )
}
const chunk = Buffer.from(`${(64 * 1024).toString(16)}\r\n${'x'.repeat(64 * 1024)}\r\n`)
const GIGABYTE = (1024 * MEBIBYTE) / (64 * 1024)

t.test('bodies without an end', async (t) => {
  t.equal(await good(1), 202)
  const before = residentMiB()
  const chunked = 'Transfer-Encoding: chunked'
  for (let count = 0; count < 3; count++) {
    const statuses = await Promise.all([
      pour(head(any.path, chunked), chunk, GIGABYTE),
      pour(head(any.path, chunked), chunk, GIGABYTE),
      pour(head(`${any.path.slice(0, -1)}!`, chunked), chunk, GIGABYTE),
      pour(head(any.path, `Content-Length: ${1024 * MEBIBYTE}`), chunk, GIGABYTE),
      good(10 + count),
    ])
    // a connection may be cut before its client has read why
    const wanted = [413, 413, 404, 413]
    for (const [index, status] of statuses.slice(0, 4).entries())
      t.ok(status === wanted[index] || status === 0, `${status} for ${wanted[index]}`)
    t.equal(statuses.at(-1), 202)
  }
  const grown = residentMiB() - before
  t.ok(grown < 50, `${grown.toFixed(1)} MiB more`)
  const large = await pour(head(git.path, chunked), chunk, GIGABYTE)
  t.ok(large === 413 || large === 0, 'GitLab says how much it sends; what does not ends at a mebibyte')
  t.equal(await good(99), 202)
})

t.test('compressed bodies are not even looked at', async (t) => {
  const bomb = gzipSync(Buffer.alloc(100 * MEBIBYTE))
  const before = residentMiB()
  const status = await pour(
    head(any.path, 'Content-Encoding: gzip', `Content-Length: ${bomb.length}`),
    bomb,
    1,
  )
  t.ok(status === 415 || status === 0)
  t.ok(residentMiB() - before < 50)
})

t.test('bodies that never come keep nobody else waiting', async (t) => {
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect(socketPath)
    socket.on('error', () => {})
    socket.write(`${head(any.path, 'Content-Length: 1000')}{`)
    return socket
  })
  t.teardown(() => slow.forEach((socket) => socket.destroy()))
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => good(1000 + index)))
  t.ok(answers.every((status) => status === 202))
})

t.test('deep and wide JSON', async (t) => {
  const send = (body: string) =>
    pour(
      head(any.path, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close') + body,
      Buffer.alloc(0),
      0,
    )
  t.equal(await send('['.repeat(500_000)), 400)
  t.equal(await send(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`), 400)
  t.equal(await send(`{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":1`).join()}}`), 400)
  t.equal(await send('{"__proto__":{"polluted":true}}'), 400)
  t.equal(await good(9999), 202)
})

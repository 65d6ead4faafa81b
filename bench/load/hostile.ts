/**
 * What strangers send to wear a receiver out, all at once until the time is over: bodies without an end, bombs, bodies that never
 * come, deep JSON, wrong signatures and addresses. Each kind keeps a few connections busy and goes on as soon as it is refused.
 */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

export interface HostileInput {
  to: string
  /** An address that is known, and whose sender must sign. */
  signed: string
  /** One whose sender need not. */
  open: string
  seconds: number
}

export interface HostileOutput {
  /** By status; 0 is a connection that was cut. */
  answers: Record<string, number>
}

const { to, signed, open, seconds } = JSON.parse(process.argv[2] ?? '') as HostileInput
const until = performance.now() + seconds * 1000
const answers: Record<string, number> = {}
let clients = 0

const head = (path: string, ...headers: string[]) =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: hooks',
    // refusals are counted by client; an army has many
    `X-Forwarded-For: 198.51.${(++clients >> 8) & 255}.${clients & 255}`,
    ...(headers.some((line) => line.startsWith('Content-Type')) ? [] : ['Content-Type: application/json']),
    ...headers,
    '',
    '',
  ].join('\r\n')

/** Writes the piece again and again until there is an answer, or `times` is over and the patience too. */
function pour(first: string, piece: Buffer, times: number, patienceMs = 5_000): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(to)
    let answer = ''
    let left = times
    let over = false
    const done = () => {
      if (over) return
      over = true
      clearTimeout(timer)
      socket.destroy()
      const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? '0'
      answers[status] = (answers[status] ?? 0) + 1
      resolve()
    }
    const timer = setTimeout(done, patienceMs)
    const write = () => {
      while (!over && left-- > 0)
        if (!socket.write(piece)) {
          socket.once('drain', write)
          break
        }
    }
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      done()
    })
    socket.once('error', done).once('close', done)
    socket.write(first)
    write()
  })
}

const whole = (path: string, body: Buffer, ...headers: string[]) =>
  pour(head(path, `Content-Length: ${body.length}`, ...headers), body, 1)
const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`)
const GIGABYTE = 16_384
const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024))
const deep = Buffer.from('['.repeat(500_000))
const wide = Buffer.from(`{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`).join()}}`)
const proto = Buffer.from('{"__proto__":{"polluted":true}}')
const injected = Buffer.from(
  JSON.stringify({ type: 'x', title: '{{ "x" | repeat: 1e9 }}{% for i in (1..1e9) %}x{% endfor %}' }),
)

const kinds: (() => Promise<void>)[] = [
  () => pour(head(open, 'Transfer-Encoding: chunked'), chunk, GIGABYTE),
  () => pour(head(signed, 'Transfer-Encoding: chunked'), chunk, GIGABYTE),
  () => pour(head(open, `Content-Length: ${1024 * 1024 * 1024}`), chunk, GIGABYTE),
  () => whole(open, bomb, 'Content-Encoding: gzip'),
  // never finished: it holds its connection
  () => pour(`${head(open, 'Content-Length: 1000')}{`, Buffer.alloc(0), 0),
  () => whole(open, deep),
  () => whole(open, wide),
  () => whole(open, proto),
  () => whole(open, injected),
  () => whole(open, proto, 'Content-Type: application/json; charset=utf-7'),
  () => whole(open, proto, 'Content-Type: text/plain'),
  () => whole(signed, injected, 'X-GitHub-Event: push', `X-Hub-Signature-256: sha256=${'0'.repeat(64)}`),
  () => whole(`${signed.slice(0, -1)}!`, injected),
]

await Promise.all(
  kinds.flatMap((kind) =>
    [0, 1].map(async (offset) => {
      await sleep(offset * 125)
      while (performance.now() < until) {
        await kind()
        await sleep(250)
      }
    }),
  ),
)
console.log(JSON.stringify({ answers } satisfies HostileOutput))

/**
 * Clients that post signed webhooks over kept connections, each as soon as it has its answer. Plain sockets and one
 * signature for all: what is measured shares its machine with them.
 */
import { createHmac } from 'node:crypto'
import { connect, type Socket } from 'node:net'

export interface PostInput {
  /** A Unix socket, or a port of 127.0.0.1. */
  to: string | number
  path: string
  secret: string
  clients: number
  seconds: number
  /** Between an answer and the next; none unless said. */
  pauseMs?: number
}

export interface PostOutput {
  /** Milliseconds, one per answer of 2xx. */
  taken: number[]
  refused: number
}

const { to, path, secret, clients, seconds, pauseMs = 0 } = JSON.parse(process.argv[2] ?? '') as PostInput

const head = { object: 'push', ref: 'refs/heads/main', before: 'a'.repeat(40), after: 'b'.repeat(40) }
const commit = { id: 'b'.repeat(40), message: 'Fix tax rounding', author: { name: 'Mira Holt' } }
const known = JSON.stringify({ ...head, commits: [commit], padding: '' }).length
const body = JSON.stringify({ ...head, commits: [commit], padding: 'x'.repeat(1024 - known) })
const signature = createHmac('sha256', secret).update(body).digest('hex')
const before = `POST ${path} HTTP/1.1\r\nHost: hooks\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nX-GitHub-Event: push\r\nX-Hub-Signature-256: sha256=${signature}\r\nX-GitHub-Delivery: `
const after = `\r\n\r\n${body}`

const run = `${process.pid}-${Date.now()}`
let count = 0
const output: PostOutput = { taken: [], refused: 0 }

/** Sends until the time is over; resolves with the connection closed. */
const client = (until: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket: Socket = typeof to === 'number' ? connect(to, '127.0.0.1') : connect(to)
    let text = ''
    let started = 0
    const post = () => {
      started = performance.now()
      socket.write(`${before}${run}-${++count}${after}`)
    }
    socket.setEncoding('latin1').on('connect', post)
    socket.on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\r\n\r\n')
      if (end === -1) return
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (text.length < end + 4 + length) return
      if (text.startsWith('HTTP/1.1 2')) output.taken.push(performance.now() - started)
      else output.refused++
      text = ''
      if (performance.now() >= until) socket.end()
      else if (pauseMs > 0) setTimeout(post, pauseMs)
      else post()
    })
    socket.once('error', reject).once('close', () => resolve())
  })
const all = (forSeconds: number) =>
  Promise.all(Array.from({ length: clients }, () => client(performance.now() + forSeconds * 1000)))

// connections and code are warm before anything counts
await all(Math.min(2, seconds))
output.taken = []
await all(seconds)
console.log(JSON.stringify(output))

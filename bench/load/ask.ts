/** Clients that ask the same question over kept connections of one Unix socket, each as soon as it has its answer. */
import { connect, type Socket } from 'node:net'

export interface AskInput {
  socketPath: string
  path: string
  headers?: Record<string, string>
  clients: number
  seconds: number
}

export interface AskOutput {
  /** Milliseconds, one per answer. */
  taken: number[]
  refused: number
  bytes: number
}

const { socketPath, path, headers = {}, clients, seconds } = JSON.parse(process.argv[2] ?? '') as AskInput
const question = [
  `GET ${path} HTTP/1.1`,
  'host: localhost',
  ...Object.entries(headers).map(([key, value]) => `${key}: ${value}`),
]
const output: AskOutput = { taken: [], refused: 0, bytes: 0 }

// bare sockets: a full HTTP client at work would be half of what is measured
const ask = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    let head = ''
    let missing: number | undefined
    let chunked = false
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (missing === undefined && !chunked) {
        head += chunk.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        const length = /\r\ncontent-length: (\d+)/i.exec(head.slice(0, end))?.[1]
        // the engine does not say how long its answer is
        if (length === undefined) chunked = true
        else missing = end + 4 + Number(length)
      }
      const last = '\r\n0\r\n\r\n'
      if (chunked ? chunk.toString('latin1', chunk.length - last.length) !== last : size < (missing ?? 0))
        return
      output.bytes = size
      socket.off('data', onData).off('error', reject)
      if (head.startsWith('HTTP/1.1 200 ')) output.taken.push(performance.now() - started)
      else output.refused++
      resolve()
    }
    socket.on('data', onData).once('error', reject)
    socket.write(`${question.join('\r\n')}\r\n\r\n`)
  })

const sockets = Array.from({ length: clients }, () => connect(socketPath).setMaxListeners(0))
const client = async (socket: Socket, until: number): Promise<void> => {
  while (performance.now() < until) await ask(socket)
}
const all = (forSeconds: number) =>
  Promise.all(sockets.map((socket) => client(socket, performance.now() + forSeconds * 1000)))

// connections and code are warm before anything counts
await all(Math.min(2, seconds))
output.taken = []
await all(seconds)
for (const socket of sockets) socket.destroy()
console.log(JSON.stringify(output))

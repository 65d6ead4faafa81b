/** Clients that ask the same question over kept connections of one Unix socket, each as soon as it has its answer. */
import { Agent, request } from 'node:http'

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
const agent = new Agent({ keepAlive: true, maxSockets: clients })
const output: AskOutput = { taken: [], refused: 0, bytes: 0 }

const ask = (): Promise<void> =>
  new Promise((resolve) => {
    const started = performance.now()
    const refused = () => {
      output.refused++
      resolve()
    }
    const sent = request({ socketPath, path, headers, agent })
    sent.once('response', (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length))
      response.once('error', refused)
      response.once('end', () => {
        if (response.statusCode !== 200) return refused()
        output.taken.push(performance.now() - started)
        output.bytes = bytes
        resolve()
      })
    })
    sent.once('error', refused)
    sent.end()
  })

const client = async (until: number): Promise<void> => {
  while (performance.now() < until) await ask()
}
const all = (forSeconds: number) =>
  Promise.all(Array.from({ length: clients }, () => client(performance.now() + forSeconds * 1000)))

// connections and code are warm before anything counts
await all(Math.min(2, seconds))
output.taken = []
await all(seconds)
agent.destroy()
console.log(JSON.stringify(output))

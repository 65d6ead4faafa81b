/** Fresh connections, one request each, until a count is reached; every one must be answered in full. */
import { connect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'

export interface ConnectInput {
  connections: number
  atOnce: number
  port: number
  host: string
  /** PEM of the root for HTTPS; plain HTTP without. */
  ca?: string
  /** Start of a good answer, e.g. `HTTP/1.1 200`. */
  expected: string
}

export interface ConnectOutput {
  answered: number
  /** Reason -> count. */
  lost: Record<string, number>
  seconds: number
}

const WITHIN_MS = 15_000
/** A loopback address has about 28,000 ports, and each stays taken for a minute. */
const ADDRESSES = 32

const { connections, atOnce, port, host, ca, expected } = JSON.parse(process.argv[2] ?? '') as ConnectInput
const output: ConnectOutput = { answered: 0, lost: {}, seconds: 0 }
const question = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`

const once = (number: number): Promise<void> =>
  new Promise((resolve) => {
    const address = { host: `127.0.1.${1 + (number % ADDRESSES)}`, port }
    const socket = ca ? tlsConnect({ ...address, servername: host, ca }) : connect(address)
    let answer = ''
    let reason: string | undefined
    socket.setEncoding('latin1').setTimeout(WITHIN_MS, () => socket.destroy(new Error('no answer in time')))
    socket.once(ca ? 'secureConnect' : 'connect', () => socket.write(question))
    socket.on('data', (part) => (answer += String(part)))
    socket.once('error', (error: NodeJS.ErrnoException) => (reason = error.code ?? error.message))
    socket.once('close', () => {
      reason ??= shortfall(answer)
      if (reason === undefined) output.answered++
      else output.lost[reason] = (output.lost[reason] ?? 0) + 1
      resolve()
    })
  })

function shortfall(answer: string): string | undefined {
  if (!answer.startsWith(expected)) return answer === '' ? 'closed without a word' : answer.split('\r\n')[0]
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  return length !== undefined && Number(length) !== body.length ? 'half an answer' : undefined
}

const started = performance.now()
let next = 0
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (next < connections) await once(next++)
  }),
)
output.seconds = (performance.now() - started) / 1000
console.log(JSON.stringify(output))

/**
 * Clients on kept connections of a socket or a port, each asking again as soon as it has its answer. Bare sockets: a
 * full HTTP client at work would be half of what is measured, which shares its machine with them.
 */
import { connect } from 'node:net'

export interface ClientsInput {
  /** A Unix socket, or a port of 127.0.0.1. */
  to: string | number
  clients: number
  seconds: number
  /** Between an answer and the next question; none unless said. */
  pauseMs?: number
}

export interface Answers {
  /** Milliseconds, one per answer of 2xx. */
  taken: number[]
  refused: number
  /** Of the last answer, its head included. */
  bytes: number
}

/** Code of a server that has answered little is not compiled yet. */
const WARM_SECONDS = 5

/** Connections and code are warm before anything counts. */
export async function ask(
  { to, clients, seconds, pauseMs = 0 }: ClientsInput,
  question: () => string,
): Promise<Answers> {
  const answers: Answers = { taken: [], refused: 0, bytes: 0 }
  const began = performance.now() + Math.min(WARM_SECONDS, seconds) * 1000
  const until = began + seconds * 1000
  const client = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(typeof to === 'number' ? { port: to, host: '127.0.0.1' } : { path: to })
      const isWhole = createReader()
      let asked = 0
      const next = () => {
        asked = performance.now()
        socket.write(question(), 'latin1')
      }
      socket
        .once('connect', next)
        .once('error', reject)
        .once('close', () => {
          if (performance.now() >= until) resolve()
          else reject(new Error('A connection was closed before its time.'))
        })
      socket.on('data', (chunk) => {
        const answer = isWhole(chunk)
        if (!answer) return
        const now = performance.now()
        if (asked >= began) {
          answers.bytes = answer.bytes
          if (answer.good) answers.taken.push(now - asked)
          else answers.refused++
        }
        if (now >= until) socket.end()
        else if (pauseMs > 0) setTimeout(next, pauseMs)
        else next()
      })
    })
  await Promise.all(Array.from({ length: clients }, client))
  return answers
}

const LAST_CHUNK = '\r\n0\r\n\r\n'
const NOTHING = Buffer.alloc(0)

/** Takes pieces of answers that come one after the other; says when one is whole. */
function createReader(): (chunk: Buffer) => { good: boolean; bytes: number } | undefined {
  let held: Buffer = NOTHING
  let good = false
  let bytes = 0
  /** Bytes that an answer has in all; undefined while its head is read, NaN where only its last chunk tells. */
  let length: number | undefined
  return (chunk) => {
    bytes += chunk.length
    if (length === undefined) {
      held = held === NOTHING ? chunk : Buffer.concat([held, chunk])
      const end = held.indexOf('\r\n\r\n')
      if (end < 0) return undefined
      const head = held.toString('latin1', 0, end)
      good = head.startsWith('HTTP/1.1 2')
      const said = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
      length = said === undefined ? NaN : end + 4 + Number(said)
    } else if (Number.isNaN(length)) {
      held = Buffer.concat([held.subarray(-LAST_CHUNK.length), chunk])
    }
    const whole = Number.isNaN(length)
      ? held.toString('latin1', Math.max(0, held.length - LAST_CHUNK.length)) === LAST_CHUNK
      : bytes >= length
    if (!whole) return undefined
    const answer = { good, bytes }
    held = NOTHING
    bytes = 0
    length = undefined
    return answer
  }
}

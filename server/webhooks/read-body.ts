/** The raw bytes of a body, never more than allowed: neither of one, nor of all that come in at the same time. */
import type { Readable } from 'node:stream'
import { SummonerError } from '../errors.ts'

const ALL_AT_ONCE = 64 * 1024 * 1024
const SLOWEST_MS = 20_000

/** `complete` as requests have it: every byte is here. */
type Payload = Readable & { complete?: boolean }

export type ReadBody = (payload: Payload, limit: number) => Promise<Buffer>

export function createBodyReader({ budget = ALL_AT_ONCE, slowestMs = SLOWEST_MS } = {}): ReadBody {
  let held = 0
  const read = (payload: Payload, limit: number): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      let size = 0
      const end = (error?: Error) => {
        clearTimeout(timer)
        payload.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
        held -= size
        if (error === undefined)
          return resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
        // what still comes is thrown away until the connection is closed
        chunks.length = 0
        payload.on('error', () => {}).resume()
        reject(error)
      }
      const onData = (chunk: Buffer) => {
        size += chunk.length
        held += chunk.length
        if (size > limit) end(tooLarge(limit))
        else if (held > budget)
          end(new SummonerError('hook.busy', 'Too many large webhooks come in at the same time.'))
        else chunks.push(chunk)
      }
      const onEnd = () => end()
      const onGone = () => end(new SummonerError('request.malformed', 'The body ended early.'))
      const timer = setTimeout(
        () => end(new SummonerError('hook.slow', `The body took longer than ${slowestMs / 1000} seconds.`)),
        slowestMs,
      )
      payload.on('data', onData).once('end', onEnd).once('error', onGone).once('close', onGone)
    })
  return async (payload, limit) => {
    // a small one has come together with its head: nothing is waited for
    if (payload.complete !== true) return read(payload, limit)
    const whole = (payload.read() as Buffer | null) ?? Buffer.alloc(0)
    if (whole.length > limit) throw tooLarge(limit)
    return whole
  }
}

export function tooLarge(limit: number): SummonerError {
  return new SummonerError('request.too-large', `A webhook of this source may have ${limit} bytes at most.`)
}

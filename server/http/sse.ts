/** Server-Sent Events: pulled from a source as fast as the reader reads, so nothing piles up in memory. */
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { asSummonerError } from '../errors.ts'

export interface SseMessage {
  event: string
  /** The reader's position; it comes back as Last-Event-ID. */
  id?: number
  data: unknown
}

interface StreamRequest {
  server: { closing: AbortSignal }
  log: FastifyBaseLogger
  stillAllowed(): boolean
}

interface StreamReply {
  raw: ServerResponse
  headers(values: Record<string, string>): unknown
  send(payload?: unknown): unknown
}

/**
 * Answers with what `source` yields until it ends, the client goes, the credential is revoked or the daemon stops.
 * The source must end when its signal aborts.
 */
export function sendEvents(
  request: StreamRequest,
  reply: StreamReply,
  source: (signal: AbortSignal) => AsyncIterable<SseMessage>,
  heartbeatMs = 15_000,
): void {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, request.server.closing])
  reply.headers({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  reply.send(Readable.from(frames(request, source(signal), signal, heartbeatMs), { objectMode: false }))
}

async function* frames(
  request: StreamRequest,
  source: AsyncIterable<SseMessage>,
  signal: AbortSignal,
  heartbeatMs: number,
): AsyncGenerator<string> {
  const iterator = source[Symbol.asyncIterator]()
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted')
    signal.addEventListener('abort', () => resolve('aborted'), { once: true })
  })
  try {
    yield 'retry: 2000\n\n'
    let next = iterator.next()
    for (;;) {
      let timer: NodeJS.Timeout | undefined
      const quiet = new Promise<'quiet'>((resolve) => {
        timer = setTimeout(resolve, heartbeatMs, 'quiet')
      })
      const result = await Promise.race([next, aborted, quiet]).finally(() => clearTimeout(timer))
      if (result === 'aborted' || !request.stillAllowed()) return
      if (result === 'quiet') {
        yield ':\n\n'
      } else {
        if (result.done) return
        yield frameOf(result.value)
        next = iterator.next()
      }
    }
  } catch (error) {
    const problem = asSummonerError(error)
    if (problem.code === 'internal') request.log.error({ err: problem.cause }, 'An event stream broke.')
    yield frameOf({ event: 'problem', data: problem.toProblem() })
  } finally {
    // Not awaited: a source that is slow to notice must not hold the response open.
    iterator.return?.().catch(() => {})
  }
}

function frameOf({ event, id, data }: SseMessage): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** Last-Event-ID as a position, when it is one of ours. */
export function positionOf(headers: Record<string, unknown>): number | undefined {
  const value = headers['last-event-id']
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

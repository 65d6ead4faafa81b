/** Follows one stream of the daemon: comes back by itself after a cut, from where it was, and says how it stands. */
import { API, refusal, send } from './client.ts'
import { troubleOf, type Trouble } from './problem.ts'
import { createParser, type Message } from './sse.ts'

export type LinkState = 'connecting' | 'live' | 'lost'

interface Follow {
  onMessage(message: Message): void
  onState?(state: LinkState): void
  /** Refused for good (not allowed, no such thing): it is not tried again. */
  onRefused?(trouble: Trouble): void
  /** A stream that ends by itself is complete (a job), or is taken up again. */
  ends?: boolean
  signal: AbortSignal
}

const WAITS_MS = [150, 300, 600, 1_000, 2_000, 3_000]
/** The daemon breathes every 15 s. */
const SILENCE_MS = 40_000

export async function follow(path: string, options: Follow): Promise<void> {
  const { onMessage, onState, onRefused, ends = false, signal } = options
  let lastId: string | undefined
  let failures = 0
  const given = (message: Message) => {
    if (message.id !== undefined) lastId = message.id
    onMessage(message)
  }
  while (!signal.aborted) {
    try {
      await once(path, lastId, signal, given, () => {
        failures = 0
        onState?.('live')
      })
      if (ends || signal.aborted) return
    } catch (error) {
      if (signal.aborted) return
      const trouble = troubleOf(error)
      if (trouble.status >= 400 && trouble.status < 500 && trouble.status !== 429) {
        onRefused?.(trouble)
        return
      }
    }
    onState?.('lost')
    await pause(WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 3_000, signal)
    failures++
  }
}

async function once(
  path: string,
  lastId: string | undefined,
  signal: AbortSignal,
  onMessage: (message: Message) => void,
  onOpen: () => void,
): Promise<void> {
  const silent = new AbortController()
  const either = AbortSignal.any([signal, silent.signal])
  let timer = setTimeout(() => silent.abort(), SILENCE_MS)
  try {
    const headers = {
      accept: 'text/event-stream',
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    }
    const answer = await send(`${API}${path}`, { headers, signal: either })
    if (!answer.ok || !answer.body) {
      const body: unknown = await answer.json().catch(() => undefined)
      throw refusal(answer.status, body)
    }
    onOpen()
    const parse = createParser()
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(() => silent.abort(), SILENCE_MS)
      for (const message of parse(value)) {
        if (message.event === 'problem') {
          const problem = JSON.parse(message.data) as { status?: number }
          throw refusal(problem.status ?? 500, problem)
        }
        onMessage(message)
      }
    }
  } finally {
    clearTimeout(timer)
    silent.abort()
  }
}

/** A page that comes back to the front does not wait any longer. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      window.removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    window.addEventListener('online', done)
  })
}

/** One page's view of the changes: all minions first, then what changed; a slow reader gets the newest state, never a backlog. */
import type { Minion } from '../minions/minion.ts'
import type { SseMessage } from '../http/sse.ts'
import type { Live, LiveChange } from './live.ts'

/** Events and jobs that wait for a slow reader. */
const AHEAD = 200

export async function* followLive(live: Live, signal: AbortSignal): AsyncGenerator<SseMessage> {
  const waiting = new Map<string, SseMessage>()
  let wake = Promise.withResolvers<void>()
  const unsubscribe = live.subscribe((change) => {
    const key = keyOf(change)
    // what comes again moves to the end: order is kept among the newest
    waiting.delete(key)
    waiting.set(key, messageOf(change))
    if (waiting.size > AHEAD + live.minions().length) {
      const oldest = [...waiting.keys()].find((other) => !other.startsWith('minion '))
      if (oldest !== undefined) waiting.delete(oldest)
    }
    wake.resolve()
  })
  const onAbort = () => wake.resolve()
  signal.addEventListener('abort', onAbort)
  try {
    const minions: Minion[] = live.minions()
    yield { event: 'minions', data: minions }
    while (!signal.aborted) {
      const messages = [...waiting.values()]
      waiting.clear()
      for (const message of messages) yield message
      if (waiting.size > 0) continue
      await wake.promise
      wake = Promise.withResolvers()
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', onAbort)
  }
}

function keyOf(change: LiveChange): string {
  if (change.type === 'minion') return `minion ${change.minion.name}`
  if (change.type === 'gone') return `minion ${change.name}`
  if (change.type === 'job') return `job ${change.job.id}`
  return `event ${change.event.id}`
}

function messageOf(change: LiveChange): SseMessage {
  if (change.type === 'minion') return { event: 'minion', data: change.minion }
  if (change.type === 'gone') return { event: 'gone', data: { name: change.name } }
  if (change.type === 'job') return { event: 'job', data: change.job }
  return { event: 'event', id: change.event.id, data: change.event }
}

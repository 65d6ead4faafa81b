/** Events after a position, then as they come; read from the log, so a slow reader misses nothing and costs nothing. */
import type { Event, Events } from './event.ts'

const PAGE = 200

export async function* followEvents(
  events: Pick<Events, 'list' | 'subscribe'>,
  filter: { [Key in 'minion' | 'type' | 'source']?: string | undefined } & { after?: number | undefined },
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const { minion, type, source } = filter
  const narrowed = {
    ...(minion === undefined ? {} : { minion }),
    ...(type === undefined ? {} : { type }),
    ...(source === undefined ? {} : { source }),
  }
  const newest = events.list({ limit: 1 }).at(-1)?.id ?? 0
  // A position ahead of the log comes from before a database was set aside.
  let after = Math.min(filter.after ?? newest, newest)
  let wake = Promise.withResolvers<void>()
  const unsubscribe = events.subscribe(() => wake.resolve())
  const onAbort = () => wake.resolve()
  signal.addEventListener('abort', onAbort)
  try {
    while (!signal.aborted) {
      const page = events.list({ ...narrowed, after, limit: PAGE })
      for (const event of page) {
        after = event.id
        yield event
      }
      if (page.length === PAGE) continue
      await wake.promise
      wake = Promise.withResolvers()
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', onAbort)
  }
}

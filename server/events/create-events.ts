/** The append-only log of what happened to the box. */
import type { Database } from 'better-sqlite3'
import type { FastifyBaseLogger } from 'fastify'
import { createEventStore } from './event-store.ts'
import type { Event, Events } from './event.ts'

export interface EventsDeps {
  db: Database
  log: Pick<FastifyBaseLogger, 'error'>
  now?: () => Date
  /** Events that are kept; the oldest go. */
  keep?: number
}

/** Trimming at every append would double its cost. */
const TRIM_EVERY = 100

export function createEvents({ db, log, now = () => new Date(), keep = 10_000 }: EventsDeps): Events {
  const store = createEventStore(db)
  const listeners = new Set<(event: Event) => void>()
  let appended = 0
  return {
    append({ type, minion, severity = 'info', title, data = {} }) {
      const at = now().toISOString()
      const event = store.insert({
        at,
        type,
        ...(minion === undefined ? {} : { minion }),
        severity,
        title,
        data,
      })
      if (appended++ % TRIM_EVERY === 0) store.trim(event.id - keep)
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          log.error({ err: error }, 'A listener of events failed.')
        }
      }
      return event
    },
    list({ after, minion, type, limit = 100 } = {}) {
      const filter = { minion, type, limit }
      return after === undefined ? store.newest(filter) : store.after(after, filter)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** The append-only log of events and those who listen to it. */
import type { Database } from 'better-sqlite3'
import type { FastifyBaseLogger } from 'fastify'
import { createEventStore } from './event-store.ts'
import { OWN, type Event, type Events, type NewEvent } from './event.ts'

export interface EventsDeps {
  db: Database
  log: Pick<FastifyBaseLogger, 'error'>
  now?: () => Date
  /** Own events that are kept, and others'; the oldest go. */
  keep?: number
  keepOthers?: number
}

/** Trimming at every append would double its cost; others may be many in a second. */
const TRIM_EVERY = { own: 100, others: 500 }

export function createEvents({
  db,
  log,
  now = () => new Date(),
  keep = 10_000,
  keepOthers = 50_000,
}: EventsDeps): Events {
  const store = createEventStore(db)
  const listeners = new Set<(event: Event) => void>()
  const holds = new Set<() => number>()
  const appended = { own: 0, others: 0 }

  const write = (event: NewEvent): Event =>
    store.insert({ ...completed(event), at: now().toISOString(), source: event.source })
  const trim = (written: readonly Event[]) => {
    const own = written.filter(({ source }) => source === OWN).length
    for (const [of, count, kept] of [
      ['own', own, keep],
      ['others', written.length - own, keepOthers],
    ] as const) {
      const before = appended[of]
      appended[of] += count
      if (Math.ceil(before / TRIM_EVERY[of]) === Math.ceil(appended[of] / TRIM_EVERY[of])) continue
      const held = Math.min(Number.MAX_SAFE_INTEGER, ...[...holds].map((position) => position()))
      store.trim(of, kept, held)
    }
  }
  // what goes, goes in the commit of what comes: a commit of its own would be one more wait for the disk
  const appendOwn = db.transaction((event: NewEvent) => {
    const written = write(event)
    trim([written])
    return written
  })
  const announce = (event: Event) => {
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (error) {
        log.error({ err: error }, 'A listener of events failed.')
      }
    }
  }

  return {
    append(event) {
      const written = appendOwn({ ...event, source: OWN })
      announce(written)
      return written
    },
    appendWith(work) {
      const written: Event[] = []
      const result = db
        .transaction(() => {
          const made = work((event) => {
            const one = write(event)
            written.push(one)
            return one
          })
          trim(written)
          return made
        })
        .immediate()
      written.forEach(announce)
      return result
    },
    get: store.get,
    list({ after, minion, type, source, limit = 100 } = {}) {
      const filter = { minion, type, source, limit }
      return after === undefined ? store.newest(filter) : store.after(after, filter)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    holdAfter(position) {
      holds.add(position)
      return () => void holds.delete(position)
    },
  }
}

/** Without the keys that say nothing, as they are read back. */
function completed({ type, minion, severity = 'info', title, data = {}, ...facts }: NewEvent) {
  const { actor, subject, url, project, time } = facts
  return {
    type,
    ...(minion === undefined ? {} : { minion }),
    severity,
    title,
    ...(actor === undefined ? {} : { actor }),
    ...(subject === undefined ? {} : { subject }),
    ...(url === undefined ? {} : { url }),
    ...(project === undefined ? {} : { project }),
    ...(time === undefined ? {} : { time }),
    data,
  }
}

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
/** In one commit: many that were held up must not hold up others. */
const TRIM_MOST = 1000

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
  const most = { own: keep, others: keepOthers }
  let kept = { own: store.count('own'), others: store.count('others') }

  const write = (event: NewEvent, at: string): Event =>
    store.insert({ ...completed(event), at, source: event.source })
  // what goes, goes in the commit of what comes: a commit of its own would be one more wait for the disk
  const trim = (written: readonly Event[]) => {
    const own = written.reduce((count, { source }) => (source === OWN ? count + 1 : count), 0)
    kept.own += own
    kept.others += written.length - own
    for (const owner of ['own', 'others'] as const) {
      if (kept[owner] < most[owner] + TRIM_EVERY[owner]) continue
      const held = Math.min(Number.MAX_SAFE_INTEGER, ...[...holds].map((position) => position()))
      kept[owner] -= store.forget(owner, Math.min(kept[owner] - most[owner], TRIM_MOST), held)
    }
  }
  const appendOwn = db.transaction((event: NewEvent) => {
    const written = write(event, now().toISOString())
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
      const at = now().toISOString()
      const before = { ...kept }
      const transaction = db.transaction(() => {
        const made = work((event) => {
          const one = write(event, at)
          written.push(one)
          return one
        })
        trim(written)
        return made
      })
      let result
      try {
        result = transaction.immediate()
      } catch (error) {
        kept = before
        throw error
      }
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

/** Events in SQLite: appended, read by position, trimmed by count. */
import type { Database } from 'better-sqlite3'
import type { Event } from './event.ts'

interface EventRow {
  id: number
  at: string
  type: string
  minion: string | null
  severity: Event['severity']
  title: string
  data: string
}

interface Filter {
  minion?: string | undefined
  type?: string | undefined
  limit: number
}

export function createEventStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO events (at, type, minion, severity, title, data)
    VALUES (@at, @type, @minion, @severity, @title, @data)`)
  const matching = '(@minion IS NULL OR minion = @minion) AND (@type IS NULL OR type = @type)'
  const after = db.prepare<object, EventRow>(
    `SELECT * FROM events WHERE id > @after AND ${matching} ORDER BY id LIMIT @limit`,
  )
  const newest = db.prepare<object, EventRow>(
    `SELECT * FROM (SELECT * FROM events WHERE ${matching} ORDER BY id DESC LIMIT @limit) ORDER BY id`,
  )
  const trim = db.prepare('DELETE FROM events WHERE id <= ?')
  const parameters = ({ minion, type, limit }: Filter) => ({
    minion: minion ?? null,
    type: type ?? null,
    limit,
  })
  return {
    insert(event: Omit<Event, 'id'>): Event {
      const { lastInsertRowid } = insert.run({
        ...event,
        minion: event.minion ?? null,
        data: JSON.stringify(event.data),
      })
      return { id: Number(lastInsertRowid), ...event }
    },
    after: (position: number, filter: Filter) =>
      after.all({ ...parameters(filter), after: position }).map(eventOf),
    newest: (filter: Filter) => newest.all(parameters(filter)).map(eventOf),
    trim: (upTo: number) => void trim.run(upTo),
  }
}

function eventOf({ minion, data, ...row }: EventRow): Event {
  return { ...row, ...(minion === null ? {} : { minion }), data: objectIn(data) }
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** Events in SQLite: appended, read by position, trimmed by count. */
import type { Database, Statement } from 'better-sqlite3'
import type { Event } from './event.ts'

interface EventRow {
  id: number
  at: string
  type: string
  source: string
  minion: string | null
  severity: Event['severity']
  title: string
  actor: string | null
  subject: string | null
  url: string | null
  project: string | null
  time: string | null
  data: string
}

interface Filter {
  minion?: string | undefined
  type?: string | undefined
  source?: string | undefined
  limit: number
}

/** Events of Summoner itself, and those of sources: one does not push the other out. */
export type Owner = 'own' | 'others'

const FILTERS = ['minion', 'type', 'source'] as const

export function createEventStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO events (at, type, source, minion, severity, title, actor, subject, url, project, time, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const get = db.prepare<[number], EventRow>('SELECT * FROM events WHERE id = ?')
  const pages = new Map<string, Statement<object, EventRow>>()
  /** One question for each set of filters, so that an index can answer it. */
  const page = (order: 'ASC' | 'DESC', filter: Filter & { after: number }) => {
    const given = FILTERS.filter((key) => filter[key] !== undefined)
    const name = `${order} ${given.join(' ')}`
    const known = pages.get(name)
    if (known) return known.all(filter)
    const conditions = ['id > @after', ...given.map((key) => `${key} = @${key}`)].join(' AND ')
    const made = db.prepare<object, EventRow>(
      `SELECT * FROM events WHERE ${conditions} ORDER BY id ${order} LIMIT @limit`,
    )
    pages.set(name, made)
    return made.all(filter)
  }
  const counted = {
    own: db.prepare<[], { count: number }>(
      "SELECT count(*) AS count FROM events INDEXED BY events_own WHERE source = 'summoner'",
    ),
    others: db.prepare<[], { count: number }>(
      "SELECT count(*) AS count FROM events INDEXED BY events_of_others WHERE source <> 'summoner'",
    ),
  }
  const oldest = {
    own: db.prepare(`
      DELETE FROM events WHERE id IN (SELECT id FROM events INDEXED BY events_own
        WHERE source = 'summoner' AND id <= @held ORDER BY id LIMIT @count)`),
    others: db.prepare(`
      DELETE FROM events WHERE id IN (SELECT id FROM events INDEXED BY events_of_others
        WHERE source <> 'summoner' AND id <= @held ORDER BY id LIMIT @count)`),
  }
  return {
    insert(event: Omit<Event, 'id'>): Event {
      // by place: webhooks come by the thousand, and names would be looked up for each
      const { lastInsertRowid } = insert.run(
        event.at,
        event.type,
        event.source,
        event.minion ?? null,
        event.severity,
        event.title,
        event.actor ? JSON.stringify(event.actor) : null,
        event.subject ?? null,
        event.url ?? null,
        event.project ?? null,
        event.time ?? null,
        JSON.stringify(event.data),
      )
      return { id: Number(lastInsertRowid), ...event }
    },
    get(id: number) {
      const row = get.get(id)
      return row && eventOf(row)
    },
    after: (after: number, filter: Filter) => page('ASC', { ...filter, after }).map(eventOf),
    newest: (filter: Filter) =>
      page('DESC', { ...filter, after: 0 })
        .map(eventOf)
        .toReversed(),
    count: (owner: Owner) => counted[owner].get()?.count ?? 0,
    /** The oldest, but nothing behind the position `held`. Returns how many went. */
    forget: (owner: Owner, count: number, held: number) => oldest[owner].run({ count, held }).changes,
  }
}

function eventOf({ id, at, type, source, severity, title, data, ...row }: EventRow): Event {
  const { minion, actor, subject, url, project, time } = row
  return {
    id,
    at,
    type,
    source,
    ...(minion === null ? {} : { minion }),
    severity,
    title,
    ...(actor === null ? {} : { actor: actorIn(actor) }),
    ...(subject === null ? {} : { subject }),
    ...(url === null ? {} : { url }),
    ...(project === null ? {} : { project }),
    ...(time === null ? {} : { time }),
    data: objectIn(data),
  }
}

function actorIn(text: string): NonNullable<Event['actor']> {
  const found = objectIn(text) as Partial<NonNullable<Event['actor']>>
  return { ...found, name: found.name ?? '' }
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

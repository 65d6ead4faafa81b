/** Events in SQLite: appended, read by position, trimmed by count. */
import type { Database } from 'better-sqlite3'
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

export function createEventStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO events (at, type, source, minion, severity, title, actor, subject, url, project, time, data)
    VALUES (@at, @type, @source, @minion, @severity, @title, @actor, @subject, @url, @project, @time, @data)`)
  const get = db.prepare<[number], EventRow>('SELECT * FROM events WHERE id = ?')
  const matching = `(@minion IS NULL OR minion = @minion) AND (@type IS NULL OR type = @type)
    AND (@source IS NULL OR source = @source)`
  const after = db.prepare<object, EventRow>(
    `SELECT * FROM events WHERE id > @after AND ${matching} ORDER BY id LIMIT @limit`,
  )
  const newest = db.prepare<object, EventRow>(
    `SELECT * FROM (SELECT * FROM events WHERE ${matching} ORDER BY id DESC LIMIT @limit) ORDER BY id`,
  )
  const trimOwn = db.prepare(`
    DELETE FROM events INDEXED BY events_own WHERE source = 'summoner' AND id <= @held AND id <=
      (SELECT id FROM events INDEXED BY events_own WHERE source = 'summoner' ORDER BY id DESC LIMIT 1 OFFSET @keep)`)
  const trimOthers = db.prepare(`
    DELETE FROM events INDEXED BY events_of_others WHERE source <> 'summoner' AND id <= @held AND id <=
      (SELECT id FROM events INDEXED BY events_of_others WHERE source <> 'summoner' ORDER BY id DESC LIMIT 1 OFFSET @keep)`)
  const parameters = ({ minion, type, source, limit }: Filter) => ({
    minion: minion ?? null,
    type: type ?? null,
    source: source ?? null,
    limit,
  })
  return {
    insert(event: Omit<Event, 'id'>): Event {
      const { lastInsertRowid } = insert.run({
        ...event,
        minion: event.minion ?? null,
        actor: event.actor ? JSON.stringify(event.actor) : null,
        subject: event.subject ?? null,
        url: event.url ?? null,
        project: event.project ?? null,
        time: event.time ?? null,
        data: JSON.stringify(event.data),
      })
      return { id: Number(lastInsertRowid), ...event }
    },
    get(id: number) {
      const row = get.get(id)
      return row && eventOf(row)
    },
    after: (position: number, filter: Filter) =>
      after.all({ ...parameters(filter), after: position }).map(eventOf),
    newest: (filter: Filter) => newest.all(parameters(filter)).map(eventOf),
    /** Keeps the newest `keep`, and whatever lies behind the position `held`. */
    trim: (of: 'own' | 'others', keep: number, held: number) =>
      void (of === 'own' ? trimOwn : trimOthers).run({ keep, held }),
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

/** The audit log in SQLite. */
import type { Database } from 'better-sqlite3'
import type { AuditEntry, NewEntry } from './audit.ts'

type Row = { [Key in keyof AuditEntry]-?: Exclude<AuditEntry[Key], undefined> | null }

export interface AuditFilter {
  before?: number | undefined
  actor?: string | undefined
  action?: string | undefined
  limit: number
}

export function createAuditStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO audit (at, actor, via, address, action, target, status, change)
    VALUES (@at, @actor, @via, @address, @action, @target, @status, @change)`)
  const list = db.prepare<object, Row>(`
    SELECT * FROM audit
    WHERE (@before IS NULL OR id < @before) AND (@actor IS NULL OR actor = @actor)
      AND (@action IS NULL OR action = @action)
    ORDER BY id DESC LIMIT @limit`)
  // strangers at the door must not push out what people of the house did
  const trim = db.prepare(`
    DELETE FROM audit WHERE (via = 'public') = @strangers AND id <= (
      SELECT id FROM audit WHERE (via = 'public') = @strangers ORDER BY id DESC LIMIT 1 OFFSET @keep)`)
  return {
    insert: ({ actor, via, address, action, target, status, change }: NewEntry, at: string) =>
      void insert.run({
        at,
        actor,
        via,
        address: address ?? null,
        action,
        target: target ?? null,
        status: status ?? null,
        change: change ?? null,
      }),
    list: ({ before, actor, action, limit }: AuditFilter) =>
      list.all({ before: before ?? null, actor: actor ?? null, action: action ?? null, limit }).map(entryOf),
    trim: (keep: number, { strangers }: { strangers: boolean }) =>
      void trim.run({ keep, strangers: strangers ? 1 : 0 }),
  }
}

const entryOf = (row: Row): AuditEntry =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as AuditEntry

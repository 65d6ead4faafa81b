/** What is known of destinations, in SQLite; what can be restored from one is told by its repository. */
import type { Database } from 'better-sqlite3'
import type { DestinationRecord } from './destination.ts'

interface Row {
  name: string
  address: string
  repository: string | null
  problem: string | null
  code: string | null
  since: string | null
  tries: number
  retry_at: string | null
  succeeded_at: string | null
  checked_at: string | null
}

export type DestinationsStore = ReturnType<typeof createDestinationsStore>

export function createDestinationsStore(db: Database) {
  const one = db.prepare<[string], Row>('SELECT * FROM destinations WHERE name = ?')
  const all = db.prepare<[], Row>('SELECT * FROM destinations')
  const insert = db.prepare('INSERT INTO destinations (name, address) VALUES (?, ?)')
  const forget = db.prepare('DELETE FROM destinations WHERE name = ?')
  const identify = db.prepare('UPDATE destinations SET repository = ? WHERE name = ?')
  const failed = db.prepare(`
    UPDATE destinations SET problem = @problem, code = @code, since = coalesce(since, @at), tries = tries + 1,
      retry_at = @retryAt WHERE name = @name`)
  const postpone = db.prepare('UPDATE destinations SET retry_at = ? WHERE name = ?')
  const succeeded = db.prepare(`
    UPDATE destinations SET problem = NULL, code = NULL, since = NULL, tries = 0, retry_at = NULL, succeeded_at = ?
    WHERE name = ?`)
  const checked = db.prepare('UPDATE destinations SET checked_at = ? WHERE name = ?')
  const held = db.prepare<[string], { set_id: string }>(
    'SELECT set_id FROM destination_sets WHERE destination = ?',
  )
  const hold = db.prepare(
    'INSERT INTO destination_sets (destination, set_id, copied_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const drop = db.prepare('DELETE FROM destination_sets WHERE destination = ? AND set_id = ?')

  const recordOf = (row: Row): DestinationRecord => ({
    name: row.name,
    to: row.address,
    tries: row.tries,
    ...(row.repository === null ? {} : { repository: row.repository }),
    ...(row.problem === null ? {} : { problem: row.problem }),
    ...(row.code === null ? {} : { code: row.code }),
    ...(row.since === null ? {} : { since: row.since }),
    ...(row.retry_at === null ? {} : { retryAt: row.retry_at }),
    ...(row.succeeded_at === null ? {} : { succeededAt: row.succeeded_at }),
    ...(row.checked_at === null ? {} : { checkedAt: row.checked_at }),
  })
  const setsAt = (name: string) => new Set(held.all(name).map(({ set_id: set }) => set))

  return {
    /** Begins anew where the address is another one. */
    get: db.transaction((name: string, to: string): DestinationRecord => {
      const row = one.get(name)
      if (row?.address === to) return recordOf(row)
      if (row) forget.run(name)
      insert.run(name, to)
      return { name, to, tries: 0 }
    }),
    /** Those that config.yml no longer names. */
    forgetOthers: (names: ReadonlySet<string>): void => {
      for (const { name } of all.all()) if (!names.has(name)) forget.run(name)
    },
    identify: (name: string, repository: string): void => void identify.run(repository, name),
    failed: (name: string, failure: { problem: string; code: string; at: string; retryAt: string }): void =>
      void failed.run({ name, ...failure }),
    postpone: (name: string, until: string): void => void postpone.run(until, name),
    succeeded: (name: string, at: string): void => void succeeded.run(at, name),
    checked: (name: string, at: string): void => void checked.run(at, name),
    /** Ids of the sets that lie there. */
    sets: setsAt,
    /** As the repository there tells: the others are forgotten. */
    holds: db.transaction((name: string, sets: ReadonlySet<string>, at: string): void => {
      for (const set of setsAt(name)) if (!sets.has(set)) drop.run(name, set)
      for (const set of sets) hold.run(name, set, at)
    }),
    hold: (name: string, set: string, at: string): void => void hold.run(name, set, at),
    /** Names of the destinations that hold a set. */
    holders: (set: string): string[] =>
      all
        .all()
        .map(({ name }) => name)
        .filter((name) => setsAt(name).has(set)),
  }
}

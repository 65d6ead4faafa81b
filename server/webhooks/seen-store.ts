/** Keys of webhooks that were taken: appended ones, and those in their place. Only SQL. */
import type { Database } from 'better-sqlite3'
import type { SeenKey } from './seen.ts'

export function createSeenStore(db: Database) {
  const append = db.prepare('INSERT INTO hook_seen_appended (source, key, until) VALUES (?, ?, ?)')
  const appended = db.prepare<[], SeenKey>('SELECT source, key, until FROM hook_seen_appended ORDER BY id')
  const last = db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM hook_seen_appended')
  const forgetAppended = db.prepare('DELETE FROM hook_seen_appended WHERE id <= ?')
  const until = db.prepare<[string, Buffer], { until: number }>(
    'SELECT until FROM hook_seen WHERE source = ? AND key = ?',
  )
  const keep = db.prepare(`
    INSERT INTO hook_seen (source, key, until) VALUES (?, ?, ?)
    ON CONFLICT (source, key) DO UPDATE SET until = excluded.until WHERE until < excluded.until`)
  const forget = db.prepare('DELETE FROM hook_seen WHERE until < ?')
  return {
    append: ({ source, key, until: end }: SeenKey) => void append.run(source, key, end),
    appended: () => appended.all(),
    lastAppended: () => last.get()?.id ?? 0,
    forgetAppended: (id: number) => void forgetAppended.run(id),
    until: (source: string, key: Buffer) => until.get(source, key)?.until,
    keep: db.transaction((keys: readonly SeenKey[]) => {
      for (const { source, key, until: end } of keys) keep.run(source, key, end)
    }),
    forget: (now: number) => void forget.run(now),
  }
}

/** Keys of webhooks that were taken: appended ones, and those in their place. Only SQL, and one statement for many keys. */
import type { Database } from 'better-sqlite3'
import type { SeenKey } from './seen.ts'

/** `{key: until}` of the keys of one source. */
const ALL = 'json_each(?)'

export function createSeenStore(db: Database) {
  const append = db.prepare(
    `INSERT INTO hook_seen_appended (source, key, until) SELECT ?, unhex(key), value FROM ${ALL}`,
  )
  const appended = db.prepare<[], SeenKey>(
    'SELECT source, lower(hex(key)) AS key, until FROM hook_seen_appended ORDER BY id',
  )
  const last = db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM hook_seen_appended')
  const forgetAppended = db.prepare('DELETE FROM hook_seen_appended WHERE id <= ?')
  const known = db.prepare<[string, string], SeenKey>(`
    SELECT source, lower(hex(key)) AS key, until FROM hook_seen
    WHERE source = ? AND key IN (SELECT unhex(key) FROM ${ALL})`)
  const keep = db.prepare(`
    INSERT INTO hook_seen (source, key, until) SELECT ?, unhex(key), value FROM ${ALL} WHERE true
    ON CONFLICT (source, key) DO UPDATE SET until = excluded.until WHERE until < excluded.until`)
  const forget = db.prepare('DELETE FROM hook_seen WHERE until < ?')
  return {
    append: (keys: readonly SeenKey[]) => bySource(keys).forEach((given) => append.run(...given)),
    appended: () => appended.all(),
    lastAppended: () => last.get()?.id ?? 0,
    forgetAppended: (id: number) => void forgetAppended.run(id),
    /** Those that are in their place. */
    known: (keys: readonly SeenKey[]) => bySource(keys).flatMap((given) => known.all(...given)),
    keep: db.transaction((keys: readonly SeenKey[]) => bySource(keys).forEach((given) => keep.run(...given))),
    forget: (now: number) => void forget.run(now),
  }
}

function bySource(keys: readonly SeenKey[]): [source: string, keys: string][] {
  const all = new Map<string, string[]>()
  for (const { source, key, until } of keys) {
    const those = all.get(source) ?? []
    all.set(source, those)
    those.push(`"${key}":${until}`)
  }
  return [...all].map(([source, those]) => [source, `{${those.join()}}`])
}

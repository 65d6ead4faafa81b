/** Host names that minions had before: they redirect to the new one as long as nobody else owns them. */
import type { Database } from 'better-sqlite3'

export interface FormerHost {
  host: string
  minion: string
  since: string
}

export function createFormerHosts(db: Database) {
  const insert = db.prepare(
    'INSERT INTO former_hosts (host, minion, since) VALUES (?, ?, ?) ON CONFLICT (host) DO UPDATE SET minion = excluded.minion, since = excluded.since',
  )
  const remove = db.prepare('DELETE FROM former_hosts WHERE host = ?')
  const removeOf = db.prepare('DELETE FROM former_hosts WHERE minion = ?')
  const all = db.prepare<[], FormerHost>('SELECT host, minion, since FROM former_hosts ORDER BY host')
  return {
    list: () => all.all(),
    add: (host: string, minion: string, since: string) => void insert.run(host, minion, since),
    remove: (host: string) => void remove.run(host),
    removeOf: (minion: string) => void removeOf.run(minion),
  }
}
export type FormerHosts = ReturnType<typeof createFormerHosts>

/** A copy of the history, made ready for another server: what ran there does not run here. */
import SQLite from 'better-sqlite3'

export function settleDatabase(file: string, at: string): void {
  const db = new SQLite(file)
  try {
    db.pragma('journal_mode = DELETE')
    db.transaction(() => {
      db.prepare(
        "UPDATE jobs SET state = 'interrupted', ended_at = coalesce(ended_at, ?) WHERE state IN ('queued', 'running')",
      ).run(at)
      db.exec('DELETE FROM journal')
      db.prepare(
        "UPDATE backup_sets SET state = 'failed', ended_at = ?, problem = 'The server was lost meanwhile.' WHERE state = 'running'",
      ).run(at)
      // the repository here tells which of them there are
      db.exec("UPDATE backup_sets SET state = 'removed' WHERE state = 'good'")
    })()
  } finally {
    db.close()
  }
}

/** The tries for certificates, in SQLite: they outlive the daemon, so that no restart forgets a limit. */
import type { Database } from 'better-sqlite3'
import { namesKey, type Attempt } from './budget.ts'

interface Row {
  directory: string
  names: string
  started_at: string
  outcome: Attempt['outcome']
  replaces: number
  reason: string | null
  retry_at: string | null
}

export interface Renewal {
  renewAt?: string
  askAgainAt?: string
  explanation?: string
  warned?: number
}

const KEPT_DAYS = 90

const attemptOf = (row: Row): Attempt => ({
  directory: row.directory,
  names: row.names,
  startedAt: row.started_at,
  outcome: row.outcome,
  replaces: row.replaces === 1,
  ...(row.reason === null ? {} : { reason: row.reason }),
  ...(row.retry_at === null ? {} : { retryAt: row.retry_at }),
})

export function createLedger(db: Database) {
  const begin = db.prepare(
    "INSERT INTO certificate_attempts (directory, names, started_at, outcome, replaces) VALUES (?, ?, ?, 'underway', ?)",
  )
  const end = db.prepare(
    'UPDATE certificate_attempts SET ended_at = ?, outcome = ?, reason = ?, retry_at = ? WHERE id = ?',
  )
  const since = db.prepare<[string], Row>(
    'SELECT * FROM certificate_attempts WHERE directory = ? ORDER BY id',
  )
  const forget = db.prepare('DELETE FROM certificate_attempts WHERE started_at < ?')
  const renewal = db.prepare<
    [string],
    {
      renew_at: string | null
      ask_again_at: string | null
      explanation: string | null
      warned: number | null
    }
  >('SELECT * FROM certificate_renewals WHERE serial = ?')
  const advise = db.prepare(
    `INSERT INTO certificate_renewals (serial, renew_at, ask_again_at, explanation) VALUES (?, ?, ?, ?)
     ON CONFLICT (serial) DO UPDATE SET renew_at = excluded.renew_at, ask_again_at = excluded.ask_again_at, explanation = excluded.explanation`,
  )
  const warn = db.prepare(
    'INSERT INTO certificate_renewals (serial, warned) VALUES (?, ?) ON CONFLICT (serial) DO UPDATE SET warned = excluded.warned',
  )

  const known = new Map<string, Attempt[]>()

  return {
    /** Before the server is asked, so that a crash costs a try and never a limit. */
    begin(try_: { directory: string; names: readonly string[]; replaces: boolean; now: Date }): number {
      known.clear()
      forget.run(new Date(try_.now.getTime() - KEPT_DAYS * 86_400_000).toISOString())
      const row = begin.run(
        try_.directory,
        namesKey(try_.names),
        try_.now.toISOString(),
        Number(try_.replaces),
      )
      return Number(row.lastInsertRowid)
    },
    end(id: number, how: { outcome: Attempt['outcome']; now: Date; reason?: string; retryAt?: Date }): void {
      known.clear()
      end.run(how.now.toISOString(), how.outcome, how.reason ?? null, how.retryAt?.toISOString() ?? null, id)
    },
    /** Oldest first. */
    attempts(directory: string): Attempt[] {
      const kept = known.get(directory)
      if (kept) return kept
      const read = since.all(directory).map(attemptOf)
      known.set(directory, read)
      return read
    },
    renewal(serial: string): Renewal {
      const row = renewal.get(serial)
      return {
        ...(row?.renew_at ? { renewAt: row.renew_at } : {}),
        ...(row?.ask_again_at ? { askAgainAt: row.ask_again_at } : {}),
        ...(row?.explanation ? { explanation: row.explanation } : {}),
        ...(row?.warned ? { warned: row.warned } : {}),
      }
    },
    advise: (serial: string, { renewAt, askAgainAt, explanation }: Renewal) =>
      void advise.run(serial, renewAt ?? null, askAgainAt ?? null, explanation ?? null),
    warned: (serial: string, percent: number) => void warn.run(serial, percent),
  }
}
export type Ledger = ReturnType<typeof createLedger>

/**
 * Pauses after failed sign-ins, by name. Names that nobody has are counted just the same, so a pause tells nothing.
 * A try is counted before its password is looked at: a hundred at once are a hundred.
 */
import { createHash } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { SummonerError } from '../errors.ts'

/** Typing errors of a person. */
const FREE = 5
const LONGEST_PAUSE_MS = 15 * 60_000
/** Then all is forgiven. */
const FORGET_MS = 24 * 60 * 60_000

interface Row {
  failures: number
  last_at: number
}

export function createAttempts({ db, now }: { db: Database; now(): Date }) {
  const get = db.prepare<[Buffer], Row>('SELECT * FROM sign_in_failures WHERE name_sha256 = ?')
  const put = db.prepare(`
    INSERT INTO sign_in_failures (name_sha256, failures, last_at) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at`)
  const remove = db.prepare('DELETE FROM sign_in_failures WHERE name_sha256 = ?')
  const trim = db.prepare('DELETE FROM sign_in_failures WHERE last_at <= ?')
  const keyOf = (name: string) => createHash('sha256').update(name).digest()
  return {
    /** Counts a try and says which it is since the last that was good, or throws `auth.paused`. */
    begin(name: string): number {
      const at = now().getTime()
      trim.run(at - FORGET_MS)
      const key = keyOf(name)
      const { failures, last_at } = get.get(key) ?? { failures: 0, last_at: 0 }
      const left = last_at + pauseAfter(failures) - at
      if (left > 0)
        throw new SummonerError(
          'auth.paused',
          `Too many tries with this name; the next one is in ${Math.ceil(left / 1000)} seconds.`,
        )
      put.run(key, failures + 1, at)
      return failures + 1
    },
    succeeded: (name: string) => void remove.run(keyOf(name)),
  }
}
export type Attempts = ReturnType<typeof createAttempts>

/** Two seconds after the sixth, twice as long after each further one. */
export function pauseAfter(failures: number): number {
  return failures <= FREE ? 0 : Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** Math.min(failures - FREE, 20))
}

/** One-time links in SQLite. */
import type { Database } from 'better-sqlite3'

export interface KeptLink {
  secret_sha256: Buffer
  /** Null: the first administrator. */
  user: string | null
  forget_factors: number
  expires_at: number
}

export function createLinkStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO account_links (secret_sha256, user, forget_factors, expires_at)
    VALUES (@secret_sha256, @user, @forget_factors, @expires_at)`)
  const get = db.prepare<[Buffer, number], KeptLink>(
    'SELECT * FROM account_links WHERE secret_sha256 = ? AND expires_at > ?',
  )
  const remove = db.prepare('DELETE FROM account_links WHERE user IS ?')
  const trim = db.prepare('DELETE FROM account_links WHERE expires_at <= ?')
  return {
    insert: (link: KeptLink) => void insert.run(link),
    get: (hash: Buffer, now: number) => get.get(hash, now),
    /** Every link of a user, or of the first administrator. */
    removeOf: (user: string | null) => void remove.run(user),
    trim: (now: number) => void trim.run(now),
  }
}

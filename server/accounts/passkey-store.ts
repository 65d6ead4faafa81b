/** Passkeys in SQLite. */
import type { Database } from 'better-sqlite3'
import type { Passkey } from './passkey.ts'

export interface KeptPasskey {
  /** The credential's own id, base64url. */
  id: string
  user: string
  name: string
  public_key: Buffer
  counter: number
  transports: string
  created_at: string
  last_used_at: string | null
}

export function createPasskeyStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO passkeys (id, user, name, public_key, counter, transports, created_at)
    VALUES (@id, @user, @name, @public_key, @counter, @transports, @created_at)`)
  const get = db.prepare<[string], KeptPasskey>('SELECT * FROM passkeys WHERE id = ?')
  const ofUser = db.prepare<[string], KeptPasskey>(
    'SELECT * FROM passkeys WHERE user = ? ORDER BY created_at, id',
  )
  const used = db.prepare('UPDATE passkeys SET counter = ?, last_used_at = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM passkeys WHERE user = ? AND id = ?')
  const clear = db.prepare('DELETE FROM passkeys WHERE user = ?')
  return {
    insert: (passkey: Omit<KeptPasskey, 'last_used_at'>) => void insert.run(passkey),
    get: (id: string) => get.get(id),
    ofUser: (user: string) => ofUser.all(user),
    used: (id: string, counter: number, at: string) => void used.run(counter, at, id),
    remove: (user: string, id: string) => remove.run(user, id).changes > 0,
    clear: (user: string) => void clear.run(user),
  }
}

export function passkeyOf({ id, name, created_at, last_used_at }: KeptPasskey): Passkey {
  return { id, name, createdAt: created_at, ...(last_used_at === null ? {} : { lastUsed: last_used_at }) }
}

/** Sessions in SQLite. */
import type { Database } from 'better-sqlite3'
import type { Role } from '../http/roles.ts'

export interface KeptSession {
  id: string
  user: string
  secret_sha256: Buffer
  device: string
  address: string
  created_at: number
  used_at: number
  confirmed_at: number
}

/** With who its user is now: a changed role counts at once. */
export interface NamedSession extends KeptSession {
  name: string
  role: Role
}

export function createSessionStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO sessions (id, user, secret_sha256, device, address, created_at, used_at, confirmed_at)
    VALUES (@id, @user, @secret_sha256, @device, @address, @created_at, @used_at, @confirmed_at)`)
  const get = db.prepare<[string], NamedSession>(`
    SELECT sessions.*, users.name, users.role FROM sessions JOIN users ON users.id = sessions.user
    WHERE sessions.id = ?`)
  const ofUser = db.prepare<[string], KeptSession>(
    'SELECT * FROM sessions WHERE user = ? ORDER BY used_at DESC, id',
  )
  const used = db.prepare('UPDATE sessions SET used_at = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM sessions WHERE id = ?')
  const removeOfUser = db.prepare('DELETE FROM sessions WHERE user = ? AND id <> ?')
  const trim = db.prepare('DELETE FROM sessions WHERE created_at < ? OR used_at < ?')
  return {
    insert: (session: KeptSession) => void insert.run(session),
    get: (id: string) => get.get(id),
    ofUser: (user: string) => ofUser.all(user),
    used: (id: string, at: number) => void used.run(at, id),
    remove: (id: string) => remove.run(id).changes > 0,
    /** All but one. */
    removeOfUser: (user: string, except = '') => removeOfUser.run(user, except).changes,
    /** What can never be used again. */
    trim: (createdBefore: number, usedBefore: number) => void trim.run(createdBefore, usedBefore),
  }
}

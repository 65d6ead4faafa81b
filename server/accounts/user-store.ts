/** Users in SQLite. */
import type { Database } from 'better-sqlite3'
import type { Role } from '../http/roles.ts'
import type { User } from './user.ts'

/** With what proves who they are; never leaves this room. */
export interface KeptUser {
  id: string
  name: string
  role: Role
  password: string | null
  totp_secret: Buffer | null
  totp_step: number | null
  created_at: string
  created_by: string
}

interface ListedUser extends KeptUser {
  passkeys: number
  codes: number
  seen: number | null
}

const LISTED = `
  SELECT users.*,
    (SELECT count(*) FROM passkeys WHERE passkeys.user = users.id) AS passkeys,
    (SELECT count(*) FROM recovery_codes WHERE recovery_codes.user = users.id) AS codes,
    (SELECT max(used_at) FROM sessions WHERE sessions.user = users.id) AS seen
  FROM users`

export function createUserStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO users (id, name, role, created_at, created_by)
    VALUES (@id, @name, @role, @createdAt, @createdBy)`)
  const byName = db.prepare<[string], KeptUser>('SELECT * FROM users WHERE name = ?')
  const byId = db.prepare<[string], KeptUser>('SELECT * FROM users WHERE id = ?')
  const list = db.prepare<[], ListedUser>(`${LISTED} ORDER BY users.name`)
  const view = db.prepare<[string], ListedUser>(`${LISTED} WHERE users.id = ?`)
  const count = db.prepare<[], number>('SELECT count(*) FROM users').pluck()
  const administrators = db
    .prepare<[], number>(`SELECT count(*) FROM users WHERE role = 'administrator'`)
    .pluck()
  const setRole = db.prepare('UPDATE users SET role = ? WHERE id = ?')
  const setPassword = db.prepare('UPDATE users SET password = ? WHERE id = ?')
  const setTotp = db.prepare('UPDATE users SET totp_secret = ?, totp_step = ? WHERE id = ?')
  // in one statement: of two requests with one code only one is the first
  const useStep = db.prepare(
    'UPDATE users SET totp_step = @step WHERE id = @id AND (totp_step IS NULL OR totp_step < @step)',
  )
  const remove = db.prepare('DELETE FROM users WHERE id = ?')
  return {
    insert: (user: { id: string; name: string; role: Role; createdAt: string; createdBy: string }) =>
      void insert.run(user),
    byName: (name: string) => byName.get(name),
    byId: (id: string) => byId.get(id),
    list: () => list.all().map(userOf),
    view(id: string): User | undefined {
      const row = view.get(id)
      return row && userOf(row)
    },
    count: () => count.get() ?? 0,
    administrators: () => administrators.get() ?? 0,
    setRole: (id: string, role: Role) => void setRole.run(role, id),
    setPassword: (id: string, password: string) => void setPassword.run(password, id),
    setTotp: (id: string, secret: Buffer | null, step: number | null) => void setTotp.run(secret, step, id),
    /** False when that step, or a later one, was used before. */
    useStep: (id: string, step: number) => useStep.run({ id, step }).changes > 0,
    remove: (id: string) => void remove.run(id),
  }
}
export type UserStore = ReturnType<typeof createUserStore>

function userOf(row: ListedUser): User {
  return {
    name: row.name,
    role: row.role,
    createdAt: row.created_at,
    createdBy: row.created_by,
    password: row.password !== null,
    totp: row.totp_secret !== null,
    passkeys: row.passkeys,
    recoveryCodes: row.codes,
    ...(row.seen === null ? {} : { lastSeen: new Date(row.seen).toISOString() }),
  }
}

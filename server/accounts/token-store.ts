/** Tokens in SQLite. */
import type { Database } from 'better-sqlite3'
import type { Role } from '../http/roles.ts'
import type { Token } from './token.ts'

interface TokenRow {
  id: string
  name: string
  role: Role
  secret_sha256: Buffer
  created_at: string
  created_by: string
  expires_at: string | null
  last_used_at: string | null
}

export interface KeptToken {
  token: Token
  hash: Buffer
}

export function createTokenStore(db: Database) {
  const insert = db.prepare(`
    INSERT INTO tokens (id, name, role, secret_sha256, created_at, created_by, expires_at)
    VALUES (@id, @name, @role, @hash, @createdAt, @createdBy, @expires)`)
  const get = db.prepare<[string], TokenRow>('SELECT * FROM tokens WHERE id = ?')
  const list = db.prepare<[], TokenRow>('SELECT * FROM tokens ORDER BY created_at, name, id')
  const remove = db.prepare('DELETE FROM tokens WHERE id = ?')
  const used = db.prepare('UPDATE tokens SET last_used_at = ? WHERE id = ?')
  return {
    insert: (token: Token, hash: Buffer) =>
      void insert.run({ ...token, hash, expires: token.expires ?? null }),
    get(id: string): KeptToken | undefined {
      const row = get.get(id)
      return row && { token: tokenOf(row), hash: row.secret_sha256 }
    },
    list: () => list.all().map(tokenOf),
    remove: (id: string) => remove.run(id).changes > 0,
    used: (id: string, at: string) => void used.run(at, id),
  }
}

function tokenOf(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: row.created_at,
    createdBy: row.created_by,
    ...(row.expires_at === null ? {} : { expires: row.expires_at }),
    ...(row.last_used_at === null ? {} : { lastUsed: row.last_used_at }),
  }
}

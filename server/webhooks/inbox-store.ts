/** Tokens and counts, in SQLite. */
import type { Database } from 'better-sqlite3'
import type { HookToken } from './hook-token.ts'

interface TokenRow {
  id: string
  source: string
  token_sha256: Buffer
  created_at: string
  created_by: string
  expires_at: string | null
  last_used_at: string | null
}

export interface KeptToken extends HookToken {
  hash: Buffer
}

export interface Counts {
  accepted: number
  repeated: number
  refused: Record<string, number>
  seenAt?: string
  refusedAt?: string
  refusedFor?: string
}

interface CountsRow {
  source: string
  accepted: number
  repeated: number
  refused: string
  seen_at: string | null
  refused_at: string | null
  refused_for: string | null
}

export function createInboxStore(db: Database) {
  const insertToken = db.prepare(`
    INSERT INTO hook_tokens (id, source, token_sha256, created_at, created_by, expires_at)
    VALUES (@id, @source, @hash, @createdAt, @createdBy, @expires)`)
  const tokens = db.prepare<[], TokenRow>('SELECT * FROM hook_tokens ORDER BY created_at, id')
  const expire = db.prepare('UPDATE hook_tokens SET expires_at = @at WHERE id = @id')
  const remove = db.prepare('DELETE FROM hook_tokens WHERE id = ?')
  const used = db.prepare('UPDATE hook_tokens SET last_used_at = @at WHERE id = @id')
  const counts = db.prepare<[], CountsRow>('SELECT * FROM hook_counts')
  const writeCounts = db.prepare(`
    INSERT INTO hook_counts (source, accepted, repeated, refused, seen_at, refused_at, refused_for)
    VALUES (@source, @accepted, @repeated, @refused, @seenAt, @refusedAt, @refusedFor)
    ON CONFLICT (source) DO UPDATE SET accepted = @accepted, repeated = @repeated, refused = @refused,
      seen_at = @seenAt, refused_at = @refusedAt, refused_for = @refusedFor`)
  return {
    insertToken: (token: KeptToken) => void insertToken.run({ ...token, expires: token.expires ?? null }),
    tokens: () => tokens.all().map(tokenOf),
    expire: (id: string, at: string) => void expire.run({ id, at }),
    remove: (id: string) => remove.run(id).changes > 0,
    counts: () => new Map(counts.all().map((row) => [row.source, countsOf(row)])),
    /** One commit for everything that was counted since the last one. */
    write: db.transaction((changed: [source: string, Counts][], usedAt: [id: string, at: string][]) => {
      for (const [source, { refused, seenAt, refusedAt, refusedFor, ...numbers }] of changed)
        writeCounts.run({
          source,
          ...numbers,
          refused: JSON.stringify(refused),
          seenAt: seenAt ?? null,
          refusedAt: refusedAt ?? null,
          refusedFor: refusedFor ?? null,
        })
      for (const [id, at] of usedAt) used.run({ id, at })
    }),
  }
}

function tokenOf(row: TokenRow): KeptToken {
  return {
    id: row.id,
    source: row.source,
    hash: row.token_sha256,
    createdAt: row.created_at,
    createdBy: row.created_by,
    ...(row.expires_at === null ? {} : { expires: row.expires_at }),
    ...(row.last_used_at === null ? {} : { lastUsed: row.last_used_at }),
  }
}

function countsOf({ accepted, repeated, refused, ...row }: CountsRow): Counts {
  return {
    accepted,
    repeated,
    refused: numbersIn(refused),
    ...(row.seen_at === null ? {} : { seenAt: row.seen_at }),
    ...(row.refused_at === null ? {} : { refusedAt: row.refused_at }),
    ...(row.refused_for === null ? {} : { refusedFor: row.refused_for }),
  }
}

function numbersIn(text: string): Record<string, number> {
  try {
    return JSON.parse(text) as Record<string, number>
  } catch {
    return {}
  }
}

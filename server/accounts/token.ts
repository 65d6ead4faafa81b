/** API tokens: `sum_<id>_<secret>`. The secret is shown once and kept only as its SHA-256. */
import { createHash } from 'node:crypto'
import { Type, type Static } from 'typebox'
import { ROLES } from '../http/roles.ts'

export const RoleSchema = Type.Enum(ROLES)

export const TokenSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: RoleSchema,
  createdAt: Type.String(),
  createdBy: Type.String(),
  expires: Type.Optional(Type.String()),
  /** To the minute. */
  lastUsed: Type.Optional(Type.String()),
})
export type Token = Static<typeof TokenSchema>

export const NewTokenSchema = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 80, pattern: '^[^\\u0000-\\u001f\\u007f]+$' }),
  role: RoleSchema,
  expires: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it stops working; default never.' }),
  ),
})
export type NewToken = Static<typeof NewTokenSchema>

export function formatToken(id: string, secret: Buffer): string {
  return `sum_${id}_${secret.toString('base64url')}`
}

export function parseToken(text: string): { id: string; secret: Buffer } | undefined {
  const [, id, secret] = /^sum_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/.exec(text) ?? []
  return id && secret ? { id, secret: Buffer.from(secret, 'base64url') } : undefined
}

/** A plain hash is enough: the secret is 256 random bits, there is nothing to guess. */
export function hashOf(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest()
}

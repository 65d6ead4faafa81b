/** A person who signs in: schema, names, and what others may know of them. */
import { Type, type Static } from 'typebox'
import { RoleSchema } from './token.ts'

/** A short name or an e-mail address, in lower case. */
export const USER_NAME = '^[a-z0-9]([a-z0-9._@+-]{0,62}[a-z0-9])?$'
/** Who else appears where a user's name would. */
export const RESERVED_USERS: readonly string[] = ['local', 'summoner', 'unknown', 'nobody']

const Name = Type.String({
  maxLength: 64,
  pattern: USER_NAME,
  description: 'Lower case letters, digits and . _ @ + -, at most 64.',
})

export const UserSchema = Type.Object({
  name: Type.String(),
  role: RoleSchema,
  createdAt: Type.String(),
  createdBy: Type.String(),
  /** False until they have chosen one by their link. */
  password: Type.Boolean(),
  totp: Type.Boolean(),
  passkeys: Type.Integer(),
  /** Unused recovery codes. */
  recoveryCodes: Type.Integer(),
  /** Of their sessions, to the minute. */
  lastSeen: Type.Optional(Type.String()),
})
export type User = Static<typeof UserSchema>

export const NewUserSchema = Type.Object({ name: Name, role: RoleSchema })
export type NewUser = Static<typeof NewUserSchema>

export const LinkSchema = Type.Object({
  /** To open in a browser; the secret stands behind `#`, so that no server ever logs it. */
  url: Type.String(),
  expires: Type.String(),
})
export type Link = Static<typeof LinkSchema>

/** As it was typed into a form, to what is compared. */
export function normalName(typed: string): string {
  return typed.normalize('NFKC').trim().toLowerCase()
}

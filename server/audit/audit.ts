/** The audit log: who changed what over the API, from where, and how config.yml differs since. */
import { Type, type Static } from 'typebox'

export const VIA = ['user', 'token', 'local', 'job', 'public'] as const

export const AuditEntrySchema = Type.Object({
  id: Type.Integer(),
  at: Type.String(),
  actor: Type.String({ description: 'A user, a token, `local` on the server itself, or `unknown`.' }),
  via: Type.Enum(VIA, { description: '`job`: done later, for the actor who had asked.' }),
  address: Type.Optional(Type.String()),
  action: Type.String({ description: 'The operationId of the request, or `writeConfig`.' }),
  target: Type.Optional(Type.String()),
  status: Type.Optional(Type.Integer({ description: 'Of the answer: from 400 on it was refused.' })),
  change: Type.Optional(Type.String({ description: 'Changed lines of config.yml: `-` before, `+` after.' })),
})
export type AuditEntry = Static<typeof AuditEntrySchema>

export type NewEntry = Omit<AuditEntry, 'id' | 'at'>

/** Who acts: as much of an entry as is known before it is known what they do. */
export type Acting = Pick<AuditEntry, 'actor' | 'via' | 'address'>

/** Sources of webhooks as the API shows them. */
import { Type, type Static } from 'typebox'
import { HookTokenSchema } from './hook-token.ts'

const both = Type.Object({ en: Type.String(), fr: Type.String() })

export const SourceSchema = Type.Object({
  name: Type.String(),
  type: Type.String(),
  title: Type.String(),
  minion: Type.Optional(Type.String()),
  address: Type.String({ description: 'Without its token, which is shown only when it is made.' }),
  proof: Type.Union([Type.Literal('address'), Type.Literal('secret'), Type.Literal('missing')], {
    description: 'What must be right beside the address; `missing`: the secret of the tool is not set yet.',
  }),
  tokens: Type.Array(HookTokenSchema),
  accepted: Type.Integer(),
  repeated: Type.Integer({ description: 'Came again, and changed nothing.' }),
  refused: Type.Record(Type.String(), Type.Integer(), { description: 'Counts by reason.' }),
  lastSeen: Type.Optional(Type.String()),
  lastRefused: Type.Optional(Type.Object({ at: Type.String(), reason: Type.String() })),
})
export type Source = Static<typeof SourceSchema>

export const AddressSchema = Type.Object({
  source: Type.String(),
  id: Type.String(),
  url: Type.String(),
  /** For tools on this box. */
  inside: Type.String({ description: 'For tools on this box: plain HTTP that never leaves the machine.' }),
  secret: Type.Optional(Type.String({ description: 'Shown this once.' })),
  steps: both,
})
export type Address = Static<typeof AddressSchema>

export const TypeSchema = Type.Object({
  name: Type.String(),
  title: Type.String(),
  proves: Type.Boolean({ description: 'It must prove itself beside knowing the address.' }),
  events: Type.Array(Type.String()),
  steps: both,
})
export type SourceTypeLine = Static<typeof TypeSchema>

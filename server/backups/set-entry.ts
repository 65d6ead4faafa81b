/** A file or folder of a backup set, as the API shows it. */
import { Type, type Static } from 'typebox'

export const SetEntrySchema = Type.Object({
  name: Type.String(),
  type: Type.Enum(['folder', 'file', 'other'] as const),
  bytes: Type.Optional(Type.Integer()),
  modifiedAt: Type.Optional(Type.String()),
})
export type SetEntry = Static<typeof SetEntrySchema>

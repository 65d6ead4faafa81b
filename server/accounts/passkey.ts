/** Passkeys: what the page is told of them, and the shapes of what the browser's own API takes and gives. */
import { Type, type Static } from 'typebox'

export const PasskeySchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  createdAt: Type.String(),
  lastUsed: Type.Optional(Type.String()),
})
export type Passkey = Static<typeof PasskeySchema>

/** For `navigator.credentials`, by `parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`. */
export const OptionsSchema = Type.Object(
  { challenge: Type.String() },
  { additionalProperties: true, description: 'Options as the Web Authentication API reads them from JSON.' },
)

const Text = Type.String({ maxLength: 65_536 })
/** `credential.toJSON()`. */
export const ResponseSchema = Type.Object(
  {
    id: Type.String({ maxLength: 2048 }),
    rawId: Type.String({ maxLength: 2048 }),
    type: Type.Literal('public-key'),
    response: Type.Object({ clientDataJSON: Text }, { additionalProperties: true }),
    clientExtensionResults: Type.Object({}, { additionalProperties: true }),
    authenticatorAttachment: Type.Optional(Type.Union([Type.String({ maxLength: 32 }), Type.Null()])),
  },
  { additionalProperties: false },
)
export type PasskeyResponse = Static<typeof ResponseSchema>

export const PasskeyNameSchema = Type.String({
  minLength: 1,
  maxLength: 80,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
})

/** The address of a source: `/hooks/<source>/<token>`, shown once; and the secret that belongs to it. Pure. */
import { createHmac, hash } from 'node:crypto'
import { Type, type Static } from 'typebox'

export const HookTokenSchema = Type.Object({
  id: Type.String(),
  createdAt: Type.String(),
  createdBy: Type.String(),
  expires: Type.Optional(Type.String({ description: 'While another has taken over.' })),
  lastUsed: Type.Optional(Type.String({ description: 'To some seconds.' })),
})
export type HookToken = Static<typeof HookTokenSchema> & { source: string }

export const TOKEN = /^[A-Za-z0-9_-]{43}$/

export function hashOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/**
 * What the tool signs with. It must be had in clear for every webhook, so it is made from a key of the box and never
 * kept: a new token brings a new secret, and while two tokens are good, so are their two secrets.
 */
export function secretOf(boxKey: Buffer, tokenId: string, form: 'plain' | 'whsec' = 'plain'): string {
  const bytes = createHmac('sha256', boxKey).update(`hook ${tokenId}`).digest()
  return form === 'whsec' ? `whsec_${bytes.toString('base64')}` : bytes.toString('base64url')
}

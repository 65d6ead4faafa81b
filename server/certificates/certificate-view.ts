/** A certificate as the API shows it. */
import { Type, type Static } from 'typebox'

export const CertificateView = Type.Object({
  name: Type.String(),
  names: Type.Array(Type.String()),
  issuer: Type.String(),
  chain: Type.Array(Type.String(), { description: 'Who signed it, and who signed those' }),
  notBefore: Type.String(),
  notAfter: Type.String(),
  publiclyTrusted: Type.Boolean({ description: 'false: signed by the internal root of this box' }),
  renewalDue: Type.Boolean(),
  source: Type.Optional(Type.String({ description: 'The ACME directory it came from, or files' })),
  acme: Type.Optional(
    Type.Object({
      directory: Type.String(),
      nextAttempt: Type.String(),
      held: Type.Optional(Type.String({ description: 'The limit that the next order waits for' })),
      lastError: Type.Optional(Type.String()),
      failures: Type.Integer({ description: 'Since the last success' }),
      budget: Type.Array(
        Type.Object({
          limit: Type.String(),
          of: Type.String(),
          left: Type.Integer(),
          freeAt: Type.Optional(Type.String()),
        }),
      ),
    }),
  ),
})
export type CertificateView = Static<typeof CertificateView>

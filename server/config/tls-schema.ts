/** `tls:` of config.yml, for the box, and for one minion or site. */
import { Type } from 'typebox'
import { DnsSchema, SecretReference } from '../certificates/challenges/dns-settings.ts'

const CLOSED = { additionalProperties: false } as const
const Text = (maxLength: number, more: object = {}) => Type.String({ minLength: 1, maxLength, ...more })
/** Read as it is typed, so that an identifier of digits is no number. */
const Source = { fromSource: true }

const Words = [
  Type.Literal('auto'),
  Type.Literal('letsencrypt'),
  Type.Literal('internal'),
  Type.Literal('none'),
] as const
const Acme = {
  acme: Type.String({
    pattern: '^(letsencrypt|letsencrypt-staging|zerossl|https?://[^\\s/]{1,255}(/[^\\s]{0,1740})?)$',
    description: 'the address of an ACME directory, letsencrypt, letsencrypt-staging or zerossl',
  }),
  eab: Type.Optional(Type.Object({ kid: Text(1024, Source), key: SecretReference }, CLOSED)),
  profile: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', description: 'the name of a profile' }),
  ),
  chain: Type.Optional(Text(200)),
  ca: Type.Optional(Text(1024, Source)),
  dns: Type.Optional(DnsSchema),
}
const Files = Type.Object(
  { files: Type.Object({ certificate: Text(1024), key: Text(1024) }, CLOSED) },
  CLOSED,
)

export const BoxTls = Type.Union(
  [...Words, Type.Object({ ...Acme, wildcard: Type.Optional(Type.Boolean()) }, CLOSED), Files],
  { default: 'auto' },
)

/** A wildcard is a matter of the whole domain. */
export const MinionTls = Type.Union([...Words, Type.Object(Acme, CLOSED), Files])

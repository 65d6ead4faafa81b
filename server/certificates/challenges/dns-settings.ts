/** `tls.dns` of config.yml: which provider holds the zone, and its credentials as names of secrets. */
import { Type, type Static } from 'typebox'
import { NAME } from '../../config/config.ts'

const CLOSED = { additionalProperties: false } as const
const Secret = Type.Object(
  { secret: Type.String({ pattern: NAME }) },
  { ...CLOSED, description: 'a reference {secret: NAME}' },
)
const Zone = Type.Optional(
  Type.String({ pattern: '^[A-Za-z0-9_.-]{1,253}$', description: 'the name of a DNS zone' }),
)
/** Seconds to wait until every server of the zone has the record. */
const Wait = Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 }))

const Rfc2136 = Type.Object(
  {
    server: Type.String({ pattern: '^[A-Za-z0-9.:-]{1,253}$', description: 'a host name or an address' }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
    zone: Zone,
    key: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,253}$', description: 'the name of a TSIG key' }),
    algorithm: Type.Optional(
      Type.String({ pattern: '^hmac-sha(1|224|256|384|512)$', description: 'an algorithm like hmac-sha256' }),
    ),
    secret: Secret,
  },
  CLOSED,
)
const Hook = Type.Object(
  {
    argv: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), { minItems: 1, maxItems: 64 }),
    secret: Type.Optional(Secret),
  },
  CLOSED,
)
export const DnsSchema = Type.Object(
  {
    rfc2136: Type.Optional(Rfc2136),
    exec: Type.Optional(Hook),
    wait: Wait,
  },
  { ...CLOSED, description: 'one of rfc2136, exec' },
)
export type DnsSettings = Static<typeof DnsSchema>

export const DNS_PROVIDERS = ['rfc2136', 'exec'] as const

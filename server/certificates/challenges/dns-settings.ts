/** `tls.dns` of config.yml: which provider holds the zone, and its credentials as names of secrets. */
import { Type, type Static } from 'typebox'
import { NAME } from '../../config/config.ts'

const CLOSED = { additionalProperties: false } as const
export const SecretReference = Type.Object(
  {
    secret: Type.String({
      pattern: NAME,
      description:
        'a name: a letter, then letters, digits and hyphens, lower case, at most 40, no hyphen last',
    }),
  },
  {
    ...CLOSED,
    description: 'a reference {secret: NAME}; the value itself is given with `summoner secret set NAME`',
  },
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
    secret: SecretReference,
  },
  CLOSED,
)
const Hook = Type.Object(
  {
    argv: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), { minItems: 1, maxItems: 64 }),
    secret: Type.Optional(SecretReference),
  },
  CLOSED,
)
/** Of a sandbox or a gateway in place of the provider's own. */
const Api = Type.Optional(
  Type.String({
    pattern: '^https?://[A-Za-z0-9.:-]{1,253}(/[A-Za-z0-9._-]{1,100}){0,8}$',
    description: 'an address without a slash at its end',
  }),
)
const ByToken = Type.Object({ token: SecretReference, zone: Zone, api: Api }, CLOSED)
const Ovh = Type.Object(
  {
    region: Type.Optional(Type.Union([Type.Literal('eu'), Type.Literal('ca'), Type.Literal('us')])),
    key: Type.String({ pattern: '^[A-Za-z0-9]{1,64}$', description: 'an application key' }),
    secret: SecretReference,
    consumer: SecretReference,
    zone: Zone,
    api: Api,
  },
  CLOSED,
)

export const DNS_PROVIDERS = ['rfc2136', 'cloudflare', 'ovh', 'gandi', 'hetzner', 'exec'] as const

export const DnsSchema = Type.Object(
  {
    rfc2136: Type.Optional(Rfc2136),
    cloudflare: Type.Optional(ByToken),
    ovh: Type.Optional(Ovh),
    gandi: Type.Optional(ByToken),
    hetzner: Type.Optional(ByToken),
    exec: Type.Optional(Hook),
    wait: Wait,
  },
  { ...CLOSED, description: `one of ${DNS_PROVIDERS.join(', ')}` },
)
export type DnsSettings = Static<typeof DnsSchema>

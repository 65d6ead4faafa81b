/** config.yml as people write it: every key, rule and default. One schema = check, did-you-mean, published JSON Schema. */
import { Type, type Static } from 'typebox'
import { BackupsSchema } from '../backups/settings.ts'
import { SecretReference } from '../certificates/challenges/dns-settings.ts'
import { SOURCE_TYPES } from '../webhooks/sources/source.ts'
import { NAME } from './config.ts'
import { ChannelSchema } from '../webhooks/channel.ts'
import { RecipeSchema } from '../webhooks/recipe.ts'
import { BoxProxySchema, ProxyOptionsSchema, SiteSchema } from './proxy-options.ts'
import { BoxTls, MinionTls } from './tls-schema.ts'

const CLOSED = { additionalProperties: false } as const

/** `fromSource`: read as it is typed, so that 8.10 stays "8.10" and is no number. */
interface ReadOptions {
  fromSource?: true
}

const Name = Type.String({
  pattern: NAME,
  description: 'a name: a letter, then letters, digits and hyphens, lower case, at most 40, no hyphen last',
})
const Choice = <const Word extends string>(...words: Word[]) =>
  Type.Unsafe<Word>(Type.Union(words.map((word) => Type.Literal(word))))
const Text = (maxLength: number, more: object = {}) => Type.String({ minLength: 1, maxLength, ...more })
const Source: ReadOptions = { fromSource: true }

const WrittenApplication = Type.Object(
  {
    name: Name,
    template: Type.Optional(Name),
    version: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$',
        description: 'a version: letters, digits, dots, underscores and hyphens, at most 128',
        ...Source,
      }),
    ),
    subdomain: Type.Optional(Type.String({ maxLength: 300, ...Source })),
    state: Type.Optional(Choice('running', 'stopped')),
    images: Type.Optional(Choice('auto', 'registry', 'distro')),
    database: Type.Optional(Choice('dedicated', 'shared')),
    env: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' }),
        Type.String({ maxLength: 32768, ...Source }),
        {
          ...CLOSED,
          description: 'names of variables: letters, digits and underscores, no digit first',
        },
      ),
    ),
    grants: Type.Optional(Type.Array(Text(256), { maxItems: 64 })),
    proxy: Type.Optional(ProxyOptionsSchema),
    tls: Type.Optional(MinionTls),
  },
  CLOSED,
)

export const SummonerSchema = Type.Object(
  {
    domain: Type.String({ maxLength: 300 }),
    email: Type.Optional(
      Type.String({
        pattern: '^[^\\s@<>"\',;]{1,64}@[A-Za-z0-9.-]{1,253}$',
        description: 'an e-mail address',
      }),
    ),
    timezone: Type.Optional(Text(64)),
    vsroot: Type.Optional(Text(1024, { default: 'data', ...Source })),
    dbsroot: Type.Optional(Text(1024, { default: 'data/database', ...Source })),
    tls: Type.Optional(BoxTls),
    proxy: Type.Optional(BoxProxySchema),
    mail: Type.Optional(
      Type.Object(
        {
          host: Text(253, { pattern: '^[A-Za-z0-9.:-]+$', description: 'a host name' }),
          port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
          user: Type.Optional(Text(320)),
          from: Type.Optional(Text(320)),
          password: Type.Optional(SecretReference),
        },
        CLOSED,
      ),
    ),
    images: Type.Optional({ ...Choice('auto', 'registry', 'distro'), default: 'auto' }),
    subnets: Type.Optional(Type.String({ maxLength: 64, default: '10.213.0.0/16' })),
    applications: Type.Optional(
      Type.Union(
        [
          Type.String({ maxLength: 65536, description: 'names separated by spaces' }),
          Type.Array(Type.Union([Name, WrittenApplication]), { maxItems: 2000 }),
        ],
        { default: [] },
      ),
    ),
    sites: Type.Optional(Type.Array(SiteSchema, { maxItems: 1000, default: [] })),
    stacks: Type.Optional(Type.Record(Name, Type.Array(Name), { ...CLOSED, default: {} })),
    backups: Type.Optional(BackupsSchema),
    sources: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Name,
            type: Choice(...SOURCE_TYPES),
            minion: Type.Optional(Name),
            secret: Type.Optional(SecretReference),
            rate: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
          },
          CLOSED,
        ),
        { maxItems: 500, default: [] },
      ),
    ),
    channels: Type.Optional(Type.Record(Name, ChannelSchema, { ...CLOSED, default: {} })),
    recipes: Type.Optional(Type.Array(RecipeSchema, { maxItems: 500, default: [] })),
    terminal: Type.Optional(Type.Boolean()),
    outgoing: Type.Optional(
      Type.Object(
        {
          allow: Type.Array(
            Type.String({
              pattern: '^[0-9A-Fa-f.:]{2,45}(/[0-9]{1,3})?$',
              description: 'an address or a range like 192.168.1.0/24',
            }),
            { maxItems: 100 },
          ),
        },
        CLOSED,
      ),
    ),
  },
  CLOSED,
)

export const ConfigFileSchema = Type.Object({ summoner: SummonerSchema }, CLOSED)

export type WrittenApplication = Static<typeof WrittenApplication>
export type WrittenConfig = Static<typeof SummonerSchema>

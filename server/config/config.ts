/** config.yml: the schema of the long form, its defaults, and the normalised value the rooms work with. */
import { Type, type Static } from 'typebox'
import type { BackupSettings } from '../backups/settings.ts'
import type { DnsSettings } from '../certificates/challenges/dns-settings.ts'
import type { Channel } from '../webhooks/channel.ts'
import type { Recipe } from '../webhooks/recipe.ts'
import type { SourceTypeName } from '../webhooks/sources/source.ts'
import type { BoxProxy, ProxyOptions, Site } from './proxy-options.ts'

export const NAME = '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$'
const CLOSED = { additionalProperties: false } as const

/** Names a minion may not have: folders of `data/` (where `vsroot` usually lies) and hosts of the box itself (design §4). */
export const RESERVED_NAMES = [
  'minions',
  'database',
  'summoner',
  'hooks',
  'www',
  'run',
  'proxy',
  'certificates',
  'dumps',
  'backups',
  'state',
  'logs',
] as const

/** Names that begin so are those of the servers of shared databases. */
export const RESERVED_PREFIX = 'databases-'

export const isReserved = (name: string): boolean =>
  (RESERVED_NAMES as readonly string[]).includes(name) || name.startsWith(RESERVED_PREFIX)

/** Hosts below the domain that the box itself answers. */
export const RESERVED_SUBDOMAINS = ['summoner', 'hooks'] as const

export const ApplicationSchema = Type.Object(
  {
    name: Type.String({ pattern: NAME }),
    template: Type.String({ pattern: NAME }),
    version: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$' })),
    subdomain: Type.String({ description: 'A label, or "@" for the bare domain' }),
    state: Type.Union([Type.Literal('running'), Type.Literal('stopped')]),
    images: Type.Optional(
      Type.Union([Type.Literal('auto'), Type.Literal('registry'), Type.Literal('distro')]),
    ),
    database: Type.Union([Type.Literal('dedicated'), Type.Literal('shared')]),
    env: Type.Record(Type.String(), Type.String({ maxLength: 32768 })),
    grants: Type.Array(Type.String()),
  },
  CLOSED,
)
/** One application with every default filled in: `template` defaults to `name`, `subdomain` to `name`. */
export type Application = Static<typeof ApplicationSchema> & {
  /** What the proxy does for its hosts; changes no container. */
  proxy?: ProxyOptions
  /** In place of the box's own. */
  tls?: Tls
}

export type Tls =
  | 'auto'
  | 'letsencrypt'
  | 'internal'
  | 'none'
  | {
      /** `letsencrypt` and the like, or the address of a directory. */
      acme: string
      eab?: { kid: string; key: { secret: string } }
      profile?: string
      chain?: string
      ca?: string
      dns?: DnsSettings
      wildcard?: boolean
    }
  | { files: { certificate: string; key: string } }
export type ImageSource = 'auto' | 'registry' | 'distro'

/** A sender of webhooks. */
export interface SourceWish {
  name: string
  type: SourceTypeName
  /** The minion that it is, for events and messages. */
  minion?: string
  /** What the sender proves itself with, where Summoner does not make it up. */
  secret?: { secret: string }
  /** Webhooks in a second; ten times as many at once. */
  rate?: number
}

/** The normalised box. */
export interface Config {
  domain: string
  email?: string
  timezone?: string
  vsroot: string
  dbsroot: string
  tls: Tls
  /** Who stands in front of nginx and may say where visitors come from. */
  proxy?: BoxProxy
  mail?: { host: string; port?: number; user?: string; from?: string; password?: { secret: string } }
  images: ImageSource
  /** CIDR the minions' networks are cut from. */
  subnets: string
  /** nginx is implicit and always first. */
  applications: Application[]
  /** Hosts of services outside Docker. */
  sites: Site[]
  stacks: Record<string, string[]>
  backups: BackupSettings
  sources: SourceWish[]
  channels: Record<string, Channel>
  recipes: Recipe[]
  /** Private addresses that recipes may reach, beside the box's own minions. */
  outgoing?: { allow: string[] }
  /** Administrators may open a terminal in a container from the page. */
  terminal: boolean
}

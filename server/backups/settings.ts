/** The `backups` section of config.yml, with its defaults. */
import { Type, type Static } from 'typebox'

const CLOSED = { additionalProperties: false } as const
const CRON = '^(off|[0-9A-Za-z*/,#L?-]+( +[0-9A-Za-z*/,#L?-]+){4})$'

const Cron = (cron?: string) =>
  Type.String({
    ...(cron === undefined ? {} : { default: cron }),
    maxLength: 200,
    pattern: CRON,
    description: 'a schedule of five fields like "0 2 * * *", or off',
  })
const Count = Type.Integer({ minimum: 0, maximum: 10000 })
const Hours = Type.Array(
  Type.String({
    pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]$',
    description: 'hours like 22:00-06:00',
  }),
  { maxItems: 24 },
)

const keep = (daily: object = {}, weekly: object = {}) =>
  Type.Object(
    {
      last: Type.Optional(Count),
      hourly: Type.Optional(Count),
      daily: Type.Optional({ ...Count, ...daily }),
      weekly: Type.Optional({ ...Count, ...weekly }),
      monthly: Type.Optional(Count),
      yearly: Type.Optional(Count),
    },
    { ...CLOSED, ...('default' in daily ? { default: {} } : {}) },
  )

const Reference = Type.Object(
  { secret: Type.String({ pattern: '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$' }) },
  {
    ...CLOSED,
    description: 'a reference {secret: NAME}; the value itself is given with `summoner secret set NAME`',
  },
)

export const DestinationSchema = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$',
      description:
        'a name: a letter, then letters, digits and hyphens, lower case, at most 40, no hyphen last',
    }),
    to: Type.String({
      maxLength: 1024,
      pattern: '^(/|sftp:|s3:|rest:https?://|rclone:|b2:|azure:|gs:|swift:)[^\\s]+$',
      description: 'a folder like /mnt/disk/kit, or an address like sftp:, s3:, rest:https:// or rclone:',
    }),
    env: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^(AWS|B2|AZURE|GOOGLE|OS|ST|RCLONE|RESTIC_REST)_[A-Z0-9_]{1,64}$' }),
        Type.Union([Type.String({ maxLength: 1024 }), Reference]),
        { ...CLOSED, description: 'variables that restic reads, e.g. AWS_ACCESS_KEY_ID' },
      ),
    ),
    /** Of sftp: the private key to sign in with; the key that the server must show, else the one it showed first. */
    key: Type.Optional(Reference),
    host_key: Type.Optional(
      Type.String({
        pattern: '^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]{40,1024}$',
        description: 'a public key like "ssh-ed25519 AAAA…", as `ssh-keyscan HOST` prints it',
      }),
    ),
    /** KiB/s. */
    upload: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000_000 })),
    download: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000_000 })),
    keep: Type.Optional(keep()),
  },
  CLOSED,
)
export type Destination = Static<typeof DestinationSchema>

const OfMinion = Type.Object(
  {
    dump: Type.Optional(Cron()),
    cold: Type.Optional(Cron()),
    prove: Type.Optional(Cron()),
    keep: Type.Optional(keep()),
  },
  CLOSED,
)

export const BackupsSchema = Type.Object(
  {
    dump: Type.Optional(Cron('0 2 * * *')),
    cold: Type.Optional(Cron('0 3 * * 0')),
    prove: Type.Optional(Cron('0 5 * * 0')),
    check: Type.Optional(Cron('0 6 * * 0')),
    keep: Type.Optional(keep({ default: 7 }, { default: 4 })),
    jitter: Type.Optional(Type.Integer({ minimum: 0, maximum: 720, default: 0 })),
    quiet: Type.Optional(Hours),
    windows: Type.Optional(Hours),
    minions: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$' }), OfMinion, CLOSED),
    ),
    destinations: Type.Optional(Type.Array(DestinationSchema, { maxItems: 32, default: [] })),
  },
  { ...CLOSED, default: {} },
)
export type BackupSettings = Static<typeof BackupsSchema>

export type What = 'dump' | 'cold' | 'prove'

/** What applies to one minion: its own word, else that of the box. */
export const cronOf = (settings: BackupSettings, what: What, minion: string): string =>
  settings.minions?.[minion]?.[what] ?? settings[what] ?? 'off'

export const keepOf = (settings: BackupSettings, minion: string) =>
  settings.minions?.[minion]?.keep ?? settings.keep ?? {}

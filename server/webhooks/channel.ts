/** A channel: a named target of messages. What it is stands in config.yml; its address and credentials are secrets. */
import { Type, type Static } from 'typebox'
import { NAME } from '../config/config.ts'
import { CHANNEL_TYPES, type ChannelType } from './words.ts'

const CLOSED = { additionalProperties: false } as const
const Secret = Type.Object(
  { secret: Type.String({ pattern: NAME, description: 'the name of a secret' }) },
  {
    ...CLOSED,
    description: 'a reference {secret: NAME}; the value itself is given with `summoner secret set NAME`',
  },
)
export type SecretReference = Static<typeof Secret>

const text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description })
/** Typed as it stands: a chat of Telegram is a number with a minus. */
const typed = (description: string) =>
  Type.String({ minLength: 1, maxLength: 200, description, ...({ fromSource: true } as object) })
const optional = Type.Optional

const Mailbox = Type.String({
  maxLength: 320,
  pattern: '^[^\\s@<>"\',;]{1,64}@[A-Za-z0-9.-]{1,253}$',
  description: 'an e-mail address',
})

/** What each type of channel is made of. */
const Types = {
  mattermost: Type.Object(
    { url: Secret, channel: optional(text('a channel')), username: optional(text('a name')) },
    CLOSED,
  ),
  slack: Type.Object({ url: Secret }, CLOSED),
  rocketchat: Type.Object(
    { url: Secret, channel: optional(text('a channel')), username: optional(text('a name')) },
    CLOSED,
  ),
  discord: Type.Object({ url: Secret, username: optional(text('a name', 80)) }, CLOSED),
  matrix: Type.Object({ url: Secret, room: optional(text('a room')), token: optional(Secret) }, CLOSED),
  teams: Type.Object({ url: Secret }, CLOSED),
  ntfy: Type.Object(
    { url: Secret, token: optional(Secret), priority: optional(Type.Integer({ minimum: 1, maximum: 5 })) },
    CLOSED,
  ),
  gotify: Type.Object(
    { url: Secret, token: Secret, priority: optional(Type.Integer({ minimum: 0, maximum: 10 })) },
    CLOSED,
  ),
  telegram: Type.Object({ token: Secret, chat: typed('a chat'), url: optional(Secret) }, CLOSED),
  mail: Type.Object({ to: optional(Type.Union([Mailbox, Type.Array(Mailbox, { maxItems: 50 })])) }, CLOSED),
  http: Type.Object(
    {
      url: Secret,
      secret: optional(Secret),
      token: optional(Secret),
      method: optional(Type.Union(['POST', 'PUT', 'PATCH'].map((word) => Type.Literal(word)))),
    },
    CLOSED,
  ),
  wekan: Type.Object(
    {
      url: Secret,
      user: text('a user'),
      password: Secret,
      board: text('the id of a board'),
      list: text('the id of a list'),
      swimlane: text('the id of a swimlane'),
    },
    CLOSED,
  ),
  gitlab: Type.Object({ url: Secret, token: Secret, project: typed('a project like team/shop') }, CLOSED),
} satisfies Record<ChannelType, object>

export const ChannelSchema = Type.Object(
  Object.fromEntries(Object.entries(Types).map(([name, shape]) => [name, Type.Optional(shape)])),
  CLOSED,
)
export type ChannelSettings = { [Key in ChannelType]: Static<(typeof Types)[Key]> }
/** As written: `{mattermost: {url: {secret: team-hook}}}`. */
export type Channel = { [Key in ChannelType]?: ChannelSettings[Key] }

/** The one type a channel has; a checked config has exactly one. */
export function typeOf(channel: Channel): ChannelType {
  return CHANNEL_TYPES.find((type) => channel[type] !== undefined) ?? 'http'
}

export function settingsOf(channel: Channel): Record<string, unknown> {
  return channel[typeOf(channel)] ?? {}
}

/** Names of the secrets a channel needs. */
export function secretsOf(channel: Channel): string[] {
  return Object.values(settingsOf(channel)).flatMap((value) => (isReference(value) ? [value.secret] : []))
}

export function isReference(value: unknown): value is SecretReference {
  return typeof value === 'object' && value !== null && typeof (value as SecretReference).secret === 'string'
}

type Report = (at: string, detail: string, hint?: string) => void

/** Rules that a schema cannot say. Pure. */
export function checkChannels(channels: Record<string, Channel>, hasMail: boolean, report: Report): void {
  for (const [name, channel] of Object.entries(channels)) {
    const at = `channels.${name}`
    const types = CHANNEL_TYPES.filter((type) => channel[type] !== undefined)
    if (types.length !== 1) {
      report(at, `channels.${name}: it must have exactly one type.`, `One of ${CHANNEL_TYPES.join(', ')}.`)
      continue
    }
    if (channel.mail !== undefined && !hasMail)
      report(at, `channels.${name}: there is no mail server.`, 'Give `mail` beside `channels`.')
    if (
      channel.matrix !== undefined &&
      (channel.matrix.room === undefined) !== (channel.matrix.token === undefined)
    )
      report(
        at,
        `channels.${name}: a room needs a token, and a token needs a room.`,
        'Give both, or neither for a webhook of hookshot.',
      )
  }
}

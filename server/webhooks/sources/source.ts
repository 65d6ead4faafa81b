/** What a source type is: how its tool proves itself, and what its webhooks mean. One small file for each. */
import type { Actor, Event } from '../../events/event.ts'
import type { EventWord } from './vocabulary.ts'

/** Names that `type` may have in config.yml. */
export const SOURCE_TYPES = [
  'alertmanager',
  'forgejo',
  'generic',
  'ghost',
  'gitea',
  'github',
  'gitlab',
  'kibana',
  'mattermost',
  'n8n',
  'nextcloud',
  'registry',
  'sonarqube',
  'standard-webhooks',
  'taiga',
  'uptime-kuma',
  'wekan',
  'wordpress',
] as const
export type SourceTypeName = (typeof SOURCE_TYPES)[number]

/** Lower-case names; several of one name are joined, as Node does. */
export type CallHeaders = Readonly<Record<string, string | string[] | undefined>>

/** One webhook as it came in. */
export interface Call {
  headers: CallHeaders
  /** The last part of the address, for tools that name the event nowhere else. */
  event?: string | undefined
  /** The bytes that were signed. */
  raw: Buffer
  /** Milliseconds since the epoch. */
  now: number
}

export type Body = Readonly<Record<string, unknown>>

/** `undefined` is good. */
export type Verdict = 'signature' | 'timestamp' | undefined

/** What a webhook says; empty texts are left out, long ones cut, later. */
export interface Said {
  type: EventWord | (string & {})
  severity?: Event['severity'] | undefined
  title: string
  actor?: { [Key in keyof Actor]?: Actor[Key] | undefined } | undefined
  subject?: string | undefined
  url?: string | undefined
  project?: string | undefined
  time?: string | undefined
  data?: Record<string, unknown>
  /** Names this one of several events in a body. */
  id?: string | undefined
}

export interface SourceType {
  name: SourceTypeName
  title: string
  /** Of a body, in bytes; 1 MiB unless said. */
  limit?: number
  /** Content types; `none` also lets those through that name no type. */
  accepts: readonly ('json' | 'form' | 'none')[]
  /** The tool signs, or sends a secret: without the right one nothing is taken. Else the address alone must do. */
  proves: boolean
  /** The proof is made up by the tool, so it must be told to Summoner (`secret`), not the other way round. */
  toolMakesSecret?: boolean
  /** How the secret is written where the tool wants it. */
  secretForm?: 'plain' | 'whsec'
  verify(call: Call, secret: string): Verdict
  /** What is the same when the tool sends a delivery again; without it the body decides, for some minutes. */
  deliveryId?(call: Call, body: Body): string | undefined
  normalise(body: Body, call: Call): Said | Said[] | undefined
  /** What the tool wants to hear; 202 and `{}` unless said. */
  answer?(body: Body): { status: 200 | 202; body: object }
  /** Every type it may give. */
  words: readonly EventWord[]
  /** What a person does inside the tool. */
  steps: { en: string; fr: string }
}

/** One normalised fact, from Summoner itself or from a source: one append-only log for SSE, recipes and people. */
import { Type, type Static } from 'typebox'
import type { OwnEventType } from './catalogue.ts'

/** `source` of what Summoner says itself; no source of webhooks may have this name. */
export const OWN = 'summoner'

export type EventType = OwnEventType

export const ActorSchema = Type.Object({
  name: Type.String(),
  username: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
})

export type Actor = Static<typeof ActorSchema>

const Severity = Type.Union([Type.Literal('info'), Type.Literal('warning'), Type.Literal('error')])

export const EventSchema = Type.Object({
  id: Type.Integer({ description: 'Its position in the log.' }),
  at: Type.String({ description: 'When it was written here.' }),
  type: Type.String(),
  source: Type.String({ description: '`summoner`, or the name of the source that sent it.' }),
  minion: Type.Optional(Type.String()),
  severity: Severity,
  title: Type.String({ description: 'One line for people.' }),
  actor: Type.Optional(ActorSchema),
  subject: Type.Optional(
    Type.String({ description: 'What it is about: a branch, an issue, a file, a card.' }),
  ),
  url: Type.Optional(Type.String()),
  project: Type.Optional(Type.String()),
  time: Type.Optional(Type.String({ description: 'When it happened, as the sender says.' })),
  data: Type.Record(Type.String(), Type.Unknown()),
})
export type Event = Static<typeof EventSchema>

/** What an event says, whoever sent it. */
export interface Facts {
  type: string
  severity?: Event['severity']
  title: string
  actor?: Actor
  subject?: string
  url?: string
  project?: string
  time?: string
  data?: Record<string, unknown>
}

export type OwnEvent = Facts & { type: EventType; minion?: string }
export type NewEvent = Facts & { source: string; minion?: string }

export interface EventFilter {
  after?: number
  minion?: string
  type?: string
  source?: string
  limit?: number
}

export interface Events {
  /** Of Summoner itself. */
  append(event: OwnEvent): Event
  /** One transaction around `work`; whoever listens hears of its events when they are on the disk, or of none. */
  appendWith<Result>(work: (append: (event: NewEvent) => Event) => Result): Result
  get(id: number): Event | undefined
  list(filter?: EventFilter): Event[]
  subscribe(listener: (event: Event) => void): () => void
  /** A reader with a position of its own (recipes): nothing behind it is trimmed. Returns the way to stop. */
  holdAfter(position: () => number): () => void
}

/** Summoner's own events: one append-only log, read by SSE now and by recipes later. */
import { Type, type Static } from 'typebox'

export const EVENT_TYPES = [
  'minion.summoned',
  'minion.failed',
  'minion.dismissed',
  'minion.started',
  'minion.stopped',
  'minion.unhealthy',
  'minion.recovered',
  'minion.crash-looping',
  'config.changed',
  'proxy.reloaded',
  'proxy.failed',
  'certificate.issued',
  'certificate.failed',
  'certificate.expiring',
  'engine.lost',
  'engine.back',
  'daemon.started',
  'database.quarantined',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

export const EventSchema = Type.Object({
  id: Type.Integer(),
  at: Type.String(),
  type: Type.String(),
  minion: Type.Optional(Type.String()),
  severity: Type.Union([Type.Literal('info'), Type.Literal('warning'), Type.Literal('error')]),
  title: Type.String(),
  data: Type.Record(Type.String(), Type.Unknown()),
})
export type Event = Static<typeof EventSchema>

export interface Events {
  append(event: {
    type: EventType
    minion?: string
    severity?: Event['severity']
    title: string
    data?: Record<string, unknown>
  }): Event
  list(filter?: { after?: number; minion?: string; type?: string; limit?: number }): Event[]
  subscribe(listener: (event: Event) => void): () => void
}

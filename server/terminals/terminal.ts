/** A terminal as the API opens it: who sits there, at which container, how large. */
import { Type, type Static } from 'typebox'

export const SizeSchema = Type.Object({
  rows: Type.Integer({ minimum: 1, maximum: 500 }),
  columns: Type.Integer({ minimum: 1, maximum: 1000 }),
})

export const OpenedSchema = Type.Object({
  id: Type.String(),
  minion: Type.String(),
  service: Type.String(),
  container: Type.String(),
})
export type Opened = Static<typeof OpenedSchema>

/** Why a terminal is over: the program ended, nobody typed, it was closed, its owner may no longer, or it was switched off. */
export type Ending = 'ended' | 'idle' | 'closed' | 'off'

export const AT_ONCE = 8
/** The longest that one may sit before it without typing. */
export const IDLE_MS = 10 * 60_000
/** A page that opened one and does not read it has gone. */
export const UNREAD_MS = 30_000

/** The better shell, where there is one. Fixed words; nothing of a request is in them. */
export const SHELL = [
  '/bin/sh',
  '-c',
  'if [ -x /bin/bash ]; then exec /bin/bash; else exec /bin/sh; fi',
] as const

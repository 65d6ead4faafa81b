/** Sessions of browsers: `<id>.<secret>` in a cookie, kept only as SHA-256; what the page is told of them. */
import { Type, type Static } from 'typebox'
import { RoleSchema } from './token.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** A session ends when nobody used it for that long, */
export const IDLE_MS = 3 * DAY_MS
/** and at the latest so long after the sign-in. */
export const LONGEST_MS = 30 * DAY_MS
/** For so long after a sign-in or a confirmation the powerful changes need no password again. */
export const CONFIRMED_MS = 15 * MINUTE_MS
/** How exactly the last use is known: one write a minute and session. */
export const TOUCH_MS = MINUTE_MS

export const SessionSchema = Type.Object({
  id: Type.String(),
  /** What the browser says it is. */
  device: Type.String(),
  /** Where it signed in from. */
  address: Type.String(),
  createdAt: Type.String(),
  /** To the minute. */
  lastUsed: Type.String(),
  /** When it ends if it is not used before. */
  expires: Type.String(),
  /** The one that asks. */
  current: Type.Boolean(),
})
export type Session = Static<typeof SessionSchema>

/** Who is signed in here. `setup`: nobody can be yet, the first administrator's link is waiting. */
export const SessionViewSchema = Type.Object({
  state: Type.Enum(['setup', 'signed-out', 'signed-in']),
  user: Type.Optional(Type.Object({ name: Type.String(), role: RoleSchema })),
  session: Type.Optional(
    Type.Object({
      id: Type.String(),
      createdAt: Type.String(),
      /** Until then the powerful changes need no password again. */
      confirmedUntil: Type.Optional(Type.String()),
    }),
  ),
})
export type SessionView = Static<typeof SessionViewSchema>

/** The times of a session that decide whether it still counts, in milliseconds. */
export interface Times {
  created: number
  used: number
}

export const endOf = ({ created, used }: Times): number => Math.min(created + LONGEST_MS, used + IDLE_MS)

export function formatSession(id: string, secret: Buffer): string {
  return `${id}.${secret.toString('base64url')}`
}

export function parseSession(text: string): { id: string; secret: Buffer } | undefined {
  const [, id, secret] = /^([0-9a-f]{16})\.([A-Za-z0-9_-]{43})$/.exec(text) ?? []
  return id && secret ? { id, secret: Buffer.from(secret, 'base64url') } : undefined
}

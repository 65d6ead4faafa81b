/** Makes, checks, renews and ends the sessions of browsers. */
import { timingSafeEqual } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { SummonerError } from '../errors.ts'
import type { Actor } from '../http/roles.ts'
import { createSessionStore, type KeptSession } from './session-store.ts'
import {
  CONFIRMED_MS,
  endOf,
  formatSession,
  IDLE_MS,
  LONGEST_MS,
  parseSession,
  TOUCH_MS,
  type Session,
} from './session.ts'
import { hashOf } from './token.ts'

/** What a request tells of the browser behind it. */
export interface Visitor {
  device: string
  address: string
}

export interface SessionsDeps {
  db: Database
  randomBytes(size: number): Buffer
  now(): Date
}

export type Sessions = ReturnType<typeof createSessions>

/** Compared with when an id is unknown, so that the time tells nothing. */
const NOBODY = Buffer.alloc(32)

export function createSessions({ db, randomBytes, now }: SessionsDeps) {
  const store = createSessionStore(db)
  const time = () => now().getTime()

  const insert = (session: Omit<KeptSession, 'id' | 'secret_sha256'>): string => {
    const id = randomBytes(8).toString('hex')
    const secret = randomBytes(32)
    store.insert({ ...session, id, secret_sha256: hashOf(secret) })
    return formatSession(id, secret)
  }

  const authenticate = (value: string, use: boolean): Actor & { session: { id: string; user: string } } => {
    const given = parseSession(value)
    const kept = given && store.get(given.id)
    const same = given !== undefined && timingSafeEqual(hashOf(given.secret), kept?.secret_sha256 ?? NOBODY)
    const at = time()
    if (!kept || !same || endOf({ created: kept.created_at, used: kept.used_at }) <= at)
      throw new SummonerError('auth.required', 'The session has ended.', { hint: 'Sign in again.' })
    if (use && at - kept.used_at >= TOUCH_MS) store.used(kept.id, at)
    return { name: kept.name, role: kept.role, session: { id: kept.id, user: kept.user } }
  }

  return {
    /** The value of the cookie. */
    create(user: string, { device, address }: Visitor): string {
      const at = time()
      store.trim(at - LONGEST_MS, at - IDLE_MS)
      return insert({ user, device, address, created_at: at, used_at: at, confirmed_at: at })
    },

    /** Throws `auth.required` for anything but a session that lives; `use` counts as being used. */
    authenticate,

    /** Ends the session that a cookie names, if it lives. */
    endOf(value: string): void {
      try {
        store.remove(authenticate(value, false).session.id)
      } catch (error) {
        if (!(error instanceof SummonerError)) throw error
      }
    },

    /** The same session under a new name: whoever knew the old value knows nothing any more. */
    rotate(id: string, { confirmed }: { confirmed: boolean }): string {
      return db
        .transaction(() => {
          const kept = store.get(id)
          if (!kept) throw new SummonerError('auth.required', 'The session has ended.')
          store.remove(id)
          const { user, device, address, created_at, confirmed_at } = kept
          const at = time()
          return insert({
            user,
            device,
            address,
            created_at,
            used_at: at,
            confirmed_at: confirmed ? at : confirmed_at,
          })
        })
        .immediate()
    },

    confirmedUntil(id: string): number {
      return (store.get(id)?.confirmed_at ?? 0) + CONFIRMED_MS
    },

    get: store.get,

    list(user: string, current = ''): Session[] {
      const at = time()
      return store
        .ofUser(user)
        .map((kept) => ({ kept, end: endOf({ created: kept.created_at, used: kept.used_at }) }))
        .filter(({ end }) => end > at)
        .map(({ kept, end }) => ({
          id: kept.id,
          device: kept.device,
          address: kept.address,
          createdAt: new Date(kept.created_at).toISOString(),
          lastUsed: new Date(kept.used_at).toISOString(),
          expires: new Date(end).toISOString(),
          current: kept.id === current,
        }))
    },

    /** One of a user's own. */
    remove(user: string, id: string): void {
      if (store.get(id)?.user !== user)
        throw new SummonerError('session.unknown', 'There is no session with that id.')
      store.remove(id)
    },

    removeAll: store.removeOfUser,
  }
}

/** One-time links: the first administrator's, an invitation, a new password. Who opens one chooses a password. */
import type { Database } from 'better-sqlite3'
import { SummonerError } from '../errors.ts'
import { createLinkStore } from './link-store.ts'
import { hashOf } from './token.ts'
import type { UserStore } from './user-store.ts'
import type { Link } from './user.ts'

const HOUR_MS = 60 * 60_000
const LIFE_MS = { administrator: 24 * HOUR_MS, invitation: 7 * 24 * HOUR_MS, reset: 24 * HOUR_MS } as const
export type Purpose = keyof typeof LIFE_MS

export interface OpenLink {
  purpose: Purpose
  /** Whose it is; absent for the first administrator, who chooses a name. */
  user?: string
  name?: string
  forgetFactors: boolean
  expires: string
}

export interface LinksDeps {
  db: Database
  users: UserStore
  randomBytes(size: number): Buffer
  now(): Date
  /** Of the page: `https://summoner.example.org`. */
  origin(): string
}

export function createLinks({ db, users, randomBytes, now, origin }: LinksDeps) {
  const store = createLinkStore(db)
  const purposeOf = (user: string | null): Purpose =>
    user === null ? 'administrator' : users.byId(user)?.password ? 'reset' : 'invitation'
  return {
    /** The newest link of a person is the only one that works. */
    create(user: string | null, forgetFactors = false): Link {
      const secret = randomBytes(32)
      const at = now().getTime()
      const expires = at + LIFE_MS[purposeOf(user)]
      db.transaction(() => {
        store.trim(at)
        store.removeOf(user)
        store.insert({
          secret_sha256: hashOf(secret),
          user,
          forget_factors: forgetFactors ? 1 : 0,
          expires_at: expires,
        })
      }).immediate()
      return {
        url: `${origin()}/setup#${secret.toString('base64url')}`,
        expires: new Date(expires).toISOString(),
      }
    },

    /** Throws `link.invalid` for one that is unknown, used or expired. */
    read(secret: string): OpenLink {
      const kept = store.get(hashOf(Buffer.from(secret, 'base64url')), now().getTime())
      const user = kept?.user ? users.byId(kept.user) : undefined
      if (!kept || (kept.user !== null && !user))
        throw new SummonerError('link.invalid', 'This link is not known, was used, or has expired.')
      return {
        purpose: purposeOf(kept.user),
        ...(user ? { user: user.id, name: user.name } : {}),
        forgetFactors: kept.forget_factors === 1,
        expires: new Date(kept.expires_at).toISOString(),
      }
    },

    removeOf: store.removeOf,
  }
}
export type Links = ReturnType<typeof createLinks>

/** Makes, checks and removes API tokens. */
import { timingSafeEqual } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { SummonerError } from '../errors.ts'
import type { Actor } from '../http/roles.ts'
import { createTokenStore, type KeptToken } from './token-store.ts'
import { formatToken, hashOf, parseToken, type NewToken, type Token } from './token.ts'

export interface TokensDeps {
  db: Database
  randomBytes(size: number): Buffer
  now?: () => Date
}

export interface Tokens {
  /** `token` is shown this once and cannot be had again. */
  create(request: NewToken, createdBy: string): { id: string; token: string }
  list(): Token[]
  remove(id: string): void
  /** Throws `auth.required` for anything but a good token. */
  authenticate(credential: string): Actor
}

const MINUTE_MS = 60_000
/** Compared with when an id is unknown, so that the time tells nothing. */
const NOBODY = Buffer.alloc(32)

export function createTokens({ db, randomBytes, now = () => new Date() }: TokensDeps): Tokens {
  const store = createTokenStore(db)
  /** Tokens that were shown lately: only this process changes them, so a page that asks all the time costs no query. */
  const known = new Map<string, KeptToken>()
  const find = (id: string): KeptToken | undefined => {
    const kept = known.get(id) ?? store.get(id)
    if (kept) known.set(id, kept)
    return kept
  }
  return {
    create({ name, role, expires }, createdBy) {
      const at = now()
      const end = expires === undefined ? undefined : new Date(expires)
      if (end && !(end.getTime() > at.getTime()))
        throw new SummonerError('input.invalid', 'expires must lie in the future.', {
          at: { path: 'expires' },
        })
      const id = randomBytes(6).toString('hex')
      const secret = randomBytes(32)
      const token = { id, name, role, createdAt: at.toISOString(), createdBy }
      store.insert(end ? { ...token, expires: end.toISOString() } : token, hashOf(secret))
      return { id, token: formatToken(id, secret) }
    },

    list: store.list,

    remove(id) {
      known.delete(id)
      if (!store.remove(id)) throw new SummonerError('token.unknown', 'There is no token with that id.')
    },

    authenticate(credential) {
      const given = parseToken(credential)
      const kept = given && find(given.id)
      const same = given !== undefined && timingSafeEqual(hashOf(given.secret), kept?.hash ?? NOBODY)
      if (!kept || !same) throw new SummonerError('auth.required', 'The token is not known.')
      const { token } = kept
      const at = now()
      if (token.expires && Date.parse(token.expires) <= at.getTime())
        throw new SummonerError('auth.required', `The token expired at ${token.expires}.`)
      if (!token.lastUsed || at.getTime() - Date.parse(token.lastUsed) >= MINUTE_MS) {
        store.used(token.id, at.toISOString())
        known.delete(token.id)
      }
      return { name: token.name, role: token.role }
    },
  }
}

/** The room's one door: people, their sessions, their proofs; routes for all of it, and the check of every cookie. */
import type { FastifyPluginAsync } from 'fastify'
import type { Database } from 'better-sqlite3'
import type { Events } from '../events/event.ts'
import type { SessionCheck } from '../http/session-cookie.ts'
import { accountRoutes } from './account.routes.ts'
import { acceptLink } from './accept-link.ts'
import { createAttempts } from './create-attempts.ts'
import { createLinks } from './create-links.ts'
import { createPasskeys } from './create-passkeys.ts'
import { createSessions } from './create-sessions.ts'
import { createTotp } from './create-totp.ts'
import { createUsers } from './create-users.ts'
import { createHashes, type Hashes } from './password-hash.ts'
import { createRecoveryCodes } from './recovery-codes.ts'
import { sessionRoutes } from './session.routes.ts'
import { createSignInTold } from './tell-sign-in.ts'
import { createUserStore } from './user-store.ts'
import { usersRoutes } from './users.routes.ts'

export interface AccountsDeps {
  db: Database
  events: Pick<Events, 'append'>
  randomBytes(size: number): Buffer
  now(): Date
  /** Of the page, as a browser spells it: `https://summoner.example.org`. */
  origin(): string
  domain(): string
  hashes?: Hashes
}

export function createAccounts(deps: AccountsDeps) {
  const { db, now, origin, hashes = createHashes() } = deps
  const users = createUserStore(db)
  const sessions = createSessions(deps)
  const attempts = createAttempts(deps)
  const links = createLinks({ ...deps, users })
  const recoveryCodes = createRecoveryCodes(deps)
  const passkeys = createPasskeys(deps)
  const totp = createTotp({ ...deps, users, recoveryCodes })
  const people = createUsers({ ...deps, users, links, sessions, attempts })
  const proofs = { users, attempts, hashes, recoveryCodes, told: createSignInTold(deps), now }
  const room = { ...deps, ...proofs, sessions, links, passkeys, totp, people }
  const check: SessionCheck = {
    authenticate: sessions.authenticate,
    confirmed: (id) => sessions.confirmedUntil(id) > now().getTime(),
    origin,
  }
  const routes: FastifyPluginAsync = async (app) => {
    await app.register(sessionRoutes({ ...room, accept: acceptLink(room) }))
    await app.register(accountRoutes(room))
    await app.register(usersRoutes(room))
  }
  return {
    /** For the HTTP room: whose is a cookie, and may it be used from there. */
    check,
    routes,
    people,
    sessions,
  }
}
export type Accounts = ReturnType<typeof createAccounts>

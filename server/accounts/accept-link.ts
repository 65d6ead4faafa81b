/** Opens a one-time link: the person chooses a password, and the link is used up in the same breath. */
import type { Database } from 'better-sqlite3'
import { SummonerError } from '../errors.ts'
import type { Links } from './create-links.ts'
import type { Passkeys } from './create-passkeys.ts'
import type { Sessions } from './create-sessions.ts'
import type { Users } from './create-users.ts'
import type { Hashes } from './password-hash.ts'
import { checkPassword } from './password.ts'
import type { Totp } from './create-totp.ts'
import type { KeptUser, UserStore } from './user-store.ts'

export interface Acceptance {
  link: string
  /** Of the first administrator; others have theirs. */
  name?: string | undefined
  password: string
}

export interface AcceptDeps {
  db: Database
  users: UserStore
  people: Users
  links: Links
  sessions: Sessions
  passkeys: Passkeys
  totp: Totp
  hashes: Hashes
  domain(): string
}

/** Answers who it is now. Whatever is refused leaves the link as it was. */
export const acceptLink =
  (deps: AcceptDeps) =>
  async ({ link, name, password }: Acceptance): Promise<KeptUser> => {
    const { users, links } = deps
    const found = links.read(link)
    const who = found.name ?? name
    if (who === undefined)
      throw new SummonerError('input.invalid', 'name is missing.', { at: { path: 'name' } })
    if (name !== undefined && name !== who)
      throw new SummonerError('input.invalid', `This link is ${who}'s.`, { at: { path: 'name' } })
    checkPassword(password, { name: who, domain: deps.domain() })
    const hash = await deps.hashes.hash(password)
    return deps.db
      .transaction(() => {
        // once more: while the password was hashed somebody may have been faster
        const { user, forgetFactors } = links.read(link)
        if (user === undefined && users.count() > 0)
          throw new SummonerError('setup.done', 'This box has its first administrator already.')
        const id = user ?? deps.people.insert({ name: who, role: 'administrator' }, 'setup link')
        users.setPassword(id, hash)
        if (forgetFactors) {
          deps.totp.remove(id)
          deps.passkeys.clear(id)
        }
        deps.sessions.removeAll(id)
        links.removeOf(user ?? null)
        return deps.people.named(who)
      })
      .immediate()
  }

/** Adds, changes and removes people. Nobody ever chooses a password for somebody else: they get a link. */
import type { Database } from 'better-sqlite3'
import { SummonerError } from '../errors.ts'
import type { Role } from '../http/roles.ts'
import type { Links } from './create-links.ts'
import type { Sessions } from './create-sessions.ts'
import type { Attempts } from './create-attempts.ts'
import type { KeptUser, UserStore } from './user-store.ts'
import { RESERVED_USERS, type Link, type NewUser, type User } from './user.ts'

export interface UsersDeps {
  db: Database
  users: UserStore
  links: Links
  sessions: Sessions
  attempts: Attempts
  randomBytes(size: number): Buffer
  now(): Date
}

export function createUsers({ db, users, links, sessions, attempts, randomBytes, now }: UsersDeps) {
  const named = (name: string): KeptUser => {
    const user = users.byName(name)
    if (!user) throw new SummonerError('user.unknown', `There is no user ${name}.`)
    return user
  }
  const keepOne = (user: KeptUser) => {
    if (user.role === 'administrator' && users.administrators() === 1)
      throw new SummonerError('user.last', `${user.name} is the only administrator.`)
  }
  const viewOf = (id: string): User => {
    const user = users.view(id)
    if (!user) throw new SummonerError('user.unknown', 'That user is gone.')
    return user
  }
  const insert = ({ name, role }: NewUser, createdBy: string): string => {
    if (RESERVED_USERS.includes(name))
      throw new SummonerError('input.invalid', `${name} is a name that Summoner uses itself.`, {
        at: { path: 'name' },
      })
    if (users.byName(name)) throw new SummonerError('user.exists', `There is a user ${name} already.`)
    const id = randomBytes(16).toString('hex')
    users.insert({ id, name, role, createdAt: now().toISOString(), createdBy })
    return id
  }

  return {
    list: users.list,
    viewOf,
    named,
    has: (name: string) => users.byName(name) !== undefined,
    insert,

    add(wanted: NewUser, createdBy: string): { user: User; link: Link } {
      const id = insert(wanted, createdBy)
      return { user: viewOf(id), link: links.create(id) }
    },

    /** They sign in again: what their browsers show belongs to the role they had. */
    setRole: (name: string, role: Role): User =>
      db
        .transaction(() => {
          const user = named(name)
          if (user.role !== role) {
            if (role !== 'administrator') keepOne(user)
            users.setRole(user.id, role)
            sessions.removeAll(user.id)
          }
          return viewOf(user.id)
        })
        .immediate(),

    remove: (name: string): void =>
      db
        .transaction(() => {
          const user = named(name)
          keepOne(user)
          users.remove(user.id)
        })
        .immediate(),

    /** For who forgot: the pauses after failed tries end too. */
    link(name: string, forgetFactors: boolean): Link {
      const user = named(name)
      attempts.succeeded(user.name)
      return links.create(user.id, forgetFactors)
    },

    /** The first administrator's, while there is nobody. */
    setupLink(): Link {
      if (users.count() > 0)
        throw new SummonerError('setup.done', 'This box has its first administrator already.')
      return links.create(null)
    },
  }
}
export type Users = ReturnType<typeof createUsers>

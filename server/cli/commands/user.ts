import type { Link, User } from '../../accounts/user.ts'
import { ROLES } from '../../http/roles.ts'
import type { Command, Context } from '../command.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'
import { age } from '../units.ts'

const userPath = (name = '') => `/users/${encodeURIComponent(name)}`

/** The address alone on stdout, so that a script can take it. */
function showLink({ out }: Pick<Context, 'out'>, { url, expires }: Link): void {
  if (!out.json) out.raw(`${clean(url)}\n`)
  out.note(
    out.style.dim(
      `This link works once, until ${expires.slice(0, 16).replace('T', ' ')} UTC. Open it in a browser.`,
    ),
  )
}

export const userList: Command = {
  name: 'user list',
  summary: 'list the people who may sign in',
  run: async ({ api, out, world }) => {
    const list = await api.list<User>('/users', 'users')
    out.document({ users: list })
    if (list.length === 0) {
      out.line('Nobody yet: summoner user setup-link')
      return
    }
    out.line(
      ...renderTable(
        [{ title: 'NAME', min: 8 }, { title: 'ROLE' }, { title: 'SIGNS IN WITH' }, { title: 'LAST SEEN' }],
        list.map(({ name, role, lastSeen, ...factors }) => [
          clean(name),
          role,
          proofsOf(factors),
          lastSeen ? age(lastSeen, world.now()) : 'never',
        ]),
        out.width(),
        out.style,
      ),
    )
  },
}

function proofsOf({ password, totp, passkeys }: Pick<User, 'password' | 'totp' | 'passkeys'>): string {
  if (!password) return 'nothing yet'
  const keys = passkeys === 0 ? [] : [passkeys === 1 ? 'a passkey' : `${passkeys} passkeys`]
  return ['password', ...(totp ? ['code'] : []), ...keys].join(', ')
}

export const userAdd: Command = {
  name: 'user add',
  summary: 'add a person; prints the link by which they choose a password',
  arguments: [{ name: 'NAME' }],
  options: { role: { type: 'string', values: ROLES, help: 'what they may do (viewer)' } },
  examples: ['summoner user add zoe@example.org --role operator'],
  run: async (context) => {
    const { args, api, options, out } = context
    const made = await api.call<{ user: User; link: Link }>('POST', '/users', {
      name: args[0],
      role: options.text('role') ?? 'viewer',
    })
    out.document(made)
    showLink(context, made.link)
  },
}

export const userRole: Command = {
  name: 'user role',
  summary: 'give a person another role; they sign in again',
  arguments: [
    { name: 'NAME', completes: 'user' },
    { name: 'ROLE', values: ROLES },
  ],
  run: async ({ args, api, out }) => {
    const user = await api.call<User>('PATCH', userPath(args[0]), { role: args[1] })
    out.document(user)
    out.line(`${out.style.green('✔')} ${clean(user.name)} is now ${user.role}.`)
  },
}

export const userRemove: Command = {
  name: 'user remove',
  summary: 'remove a person; their sessions end',
  arguments: [{ name: 'NAME', completes: 'user' }],
  run: async ({ args, api, out }) => {
    const [name = ''] = args
    await api.call('DELETE', userPath(name))
    out.document({ name })
    out.line(`${out.style.green('✔')} ${clean(name)} can no longer sign in.`)
  },
}

export const userResetLink: Command = {
  name: 'user reset-link',
  summary: 'print a link by which a person chooses a new password',
  arguments: [{ name: 'NAME', completes: 'user' }],
  options: {
    'forget-factors': { type: 'boolean', help: 'also forget application, recovery codes and passkeys' },
  },
  run: async (context) => {
    const { args, api, options, out } = context
    const link = await api.call<Link>('POST', `${userPath(args[0])}/link`, {
      forgetFactors: options.flag('forget-factors'),
    })
    out.document(link)
    showLink(context, link)
  },
}

export const userSetupLink: Command = {
  name: 'user setup-link',
  summary: 'print the link of the first administrator, while there is nobody',
  run: async (context) => {
    const link = await context.api.call<Link>('POST', '/setup-link')
    context.out.document(link)
    showLink(context, link)
  },
}

import { ROLES, type Role } from '../../http/roles.ts'
import type { Command } from '../command.ts'
import { usageError } from '../refusal.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'
import { age, parseDuration } from '../units.ts'

interface Token {
  id: string
  name: string
  role: Role
  createdAt?: string
  expires?: string
  lastUsed?: string
}

export const tokenCreate: Command = {
  name: 'token create',
  summary: 'make an API token; it is shown once',
  arguments: [{ name: 'NAME' }],
  options: {
    role: { type: 'string', values: ROLES, help: 'what it may do (viewer)' },
    expires: { type: 'string', value: 'TIME', help: '90d, 12h or a date; default: never' },
  },
  examples: ['summoner token create ci --role operator --expires 90d'],
  run: async ({ args, api, options, out, world }) => {
    const expires = options.text('expires')
    const { id, token } = await api.call<{ id: string; token: string }>('POST', '/tokens', {
      name: args[0],
      role: options.text('role') ?? 'viewer',
      ...(expires === undefined ? {} : { expires: instantOf(expires, world.now()) }),
    })
    out.document({ id, token })
    if (!out.json) out.raw(`${clean(token)}\n`)
    out.note(out.style.dim('This token is shown once. Use it as SUMMONER_TOKEN or `Authorization: Bearer`.'))
  },
}

export const tokenList: Command = {
  name: 'token list',
  summary: 'list the API tokens',
  run: async ({ api, out, world }) => {
    const list = await api.list<Token>('/tokens', 'tokens')
    out.document({ tokens: list })
    if (list.length === 0) out.line('No tokens yet: summoner token create NAME')
    else
      out.line(
        ...renderTable(
          [
            { title: 'ID' },
            { title: 'NAME', min: 8 },
            { title: 'ROLE' },
            { title: 'EXPIRES', optional: 1 },
            { title: 'LAST USED', optional: 2 },
          ],
          list.map(({ id, name, role, expires, lastUsed }) => [
            id,
            name,
            role,
            expires?.slice(0, 10) ?? 'never',
            lastUsed ? age(lastUsed, world.now()) : 'never',
          ]),
          out.width(),
          out.style,
        ),
      )
  },
}

export const tokenRemove: Command = {
  name: 'token remove',
  summary: 'withdraw an API token',
  arguments: [{ name: 'ID', completes: 'token' }],
  run: async ({ args, api, out }) => {
    const [id = ''] = args
    await api.call('DELETE', `/tokens/${encodeURIComponent(id)}`)
    out.document({ id })
    out.line(`${out.style.green('✔')} The token ${clean(id)} no longer works.`)
  },
}

function instantOf(text: string, now: number): string {
  const ahead = parseDuration(text)
  const instant = ahead === undefined ? Date.parse(text) : now + ahead
  if (Number.isNaN(instant))
    throw usageError(`--expires ${clean(text)} is no time`, 'Write 90d, 12h or 2027-01-31.')
  return new Date(instant).toISOString()
}

import type { Command } from '../command.ts'
import { clean } from '../text.ts'

export interface MinionSecrets {
  admin?: { user: string; password: string; url: string }
  secrets: Record<string, string>
}

export const secrets: Command = {
  name: 'secrets',
  summary: 'show the passwords of a minion (administrators)',
  arguments: [{ name: 'MINION', completes: 'minion' }],
  examples: ['summoner secrets wordpress'],
  run: async ({ args, api, out }) => {
    const [name = ''] = args
    const found = await api.call<MinionSecrets>('GET', `/minions/${encodeURIComponent(name)}/secrets`)
    out.document(found)
    if (found.admin)
      out.line(
        `User      ${clean(found.admin.user)}`,
        `Password  ${clean(found.admin.password)}`,
        `Sign in   ${clean(found.admin.url)}`,
        '',
      )
    const entries = Object.entries(found.secrets)
    const width = Math.max(0, ...entries.map(([key]) => key.length))
    out.line(...entries.map(([key, value]) => `${clean(key).padEnd(width)}  ${clean(value)}`))
    if (!found.admin && entries.length === 0) out.line(`${clean(name)} has no secrets.`)
  },
}

import type { AuditEntry } from '../../audit/audit.ts'
import type { Command } from '../command.ts'
import { usageError } from '../refusal.ts'
import { clean, fit } from '../text.ts'

export const audit: Command = {
  name: 'audit',
  summary: 'show who changed what, newest first',
  options: {
    actor: { type: 'string', value: 'NAME', help: 'only of one user or token' },
    action: { type: 'string', value: 'ACTION', help: 'only one action, e.g. writeConfig' },
    limit: { type: 'string', short: 'n', value: 'COUNT', help: 'how many (50)' },
  },
  examples: ['summoner audit', 'summoner audit --actor zoe', 'summoner audit --action writeConfig'],
  run: async ({ api, options, out }) => {
    const limit = options.text('limit') ?? '50'
    if (!/^[1-9]\d{0,2}$/u.test(limit)) throw usageError('--limit wants a number', 'For example --limit 50.')
    const query = new URLSearchParams({ limit })
    for (const name of ['actor', 'action']) {
      const value = options.text(name)
      if (value !== undefined) query.set(name, value)
    }
    const entries = await api.list<AuditEntry>(`/audit?${query.toString()}`, 'entries')
    out.document({ entries })
    if (entries.length === 0) out.line('Nothing was changed yet.')
    for (const { at, actor, via, address, action, target = '', status = 200, change } of entries) {
      const sign = status < 400 ? out.style.green('✔') : out.style.red('✖')
      const time = out.style.dim(at.replace('T', ' ').slice(0, 19))
      const from = out.style.dim([via, ...(address ? [clean(address)] : [])].join(' '))
      out.line(
        `${sign} ${time} ${fit(clean(actor), 16)} ${fit(clean(action), 22)} ${clean(target)} ${from}`.trimEnd(),
      )
      for (const line of change === undefined ? [] : change.split('\n').slice(0, 20)) {
        const color = line.startsWith('-') ? out.style.red : out.style.green
        out.line(`    ${color(clean(line))}`)
      }
    }
  },
}

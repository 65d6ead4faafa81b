import type { DatabaseServer } from '../../databases/database.ts'
import type { Command } from '../command.ts'
import { renderTable } from '../table.ts'
import { bytes } from '../units.ts'

export const databases: Command = {
  name: 'databases',
  summary: 'list the shared database servers and what lies on them',
  details:
    'A minion with `database: shared` in config.yml has its database there. Servers come with the first minion and go with the last.',
  examples: ['summoner databases', "summoner databases --json | jq '.servers[].tenants[].minion'"],
  run: async ({ api, out }) => {
    const servers = await api.list<DatabaseServer>('/databases', 'servers')
    out.document({ servers })
    if (servers.length === 0) {
      out.line('No shared database servers. Write `database: shared` for a minion in config.yml.')
      return
    }
    out.line(
      ...renderTable(
        [
          { title: 'SERVER', min: 12 },
          { title: 'STATE', optional: 2 },
          { title: 'MINION', min: 8 },
          { title: 'DATABASE', min: 8, optional: 1 },
          { title: 'SIZE', align: 'right' },
          { title: '' },
        ],
        servers.flatMap(({ name, state, tenants }) => {
          if (tenants.length === 0) return [[name, state, '', '', '', 'of no minion']]
          return tenants.map((tenant, index) => [
            index === 0 ? name : '',
            index === 0 ? state : '',
            tenant.minion,
            tenant.database,
            tenant.bytes === undefined ? '' : bytes(tenant.bytes),
            tenant.state === 'used' ? '' : tenant.state === 'kept' ? 'dismissed, kept' : 'missing',
          ])
        }),
        out.width(),
        out.style,
      ),
    )
    const saved = servers.reduce((sum, server) => sum + server.saved, 0)
    if (saved > 0) out.line('', `About ${saved} MiB of memory less than with a server for each.`)
  },
}

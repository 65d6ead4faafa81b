import type { Command } from '../command.ts'
import { renderTable } from '../table.ts'

interface VhostRow {
  host: string
  owner: string
  state: string
  reason?: string
  upstreams: string[]
  to?: string
  tls?: { publiclyTrusted: boolean; source?: string }
}

export const vhosts: Command = {
  name: 'vhosts',
  summary: 'list the host names the proxy serves',
  run: async ({ api, out }) => {
    const list = await api.list<VhostRow>('/vhosts', 'vhosts')
    out.document({ vhosts: list })
    if (list.length === 0) out.line('No host names yet.')
    else
      out.line(
        ...renderTable(
          [
            { title: 'HOST', min: 12 },
            { title: 'OWNER', optional: 1 },
            { title: 'STATE' },
            { title: 'TLS', optional: 3 },
            { title: 'TO', min: 10, optional: 2 },
          ],
          list.map((row) => [
            row.host,
            row.owner,
            row.state,
            tlsOf(row),
            row.reason ?? row.to ?? row.upstreams.join(' '),
          ]),
          out.width(),
          out.style,
        ),
      )
  },
}

function tlsOf({ tls }: VhostRow): string {
  if (!tls) return 'none'
  if (tls.publiclyTrusted) return 'public'
  return tls.source === undefined ? 'internal' : tls.source === 'files' ? 'files' : 'private'
}

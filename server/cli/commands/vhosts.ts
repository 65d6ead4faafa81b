import type { Vhost } from '../../proxy/vhost.ts'
import type { Command } from '../command.ts'
import { renderTable } from '../table.ts'

export const vhosts: Command = {
  name: 'vhosts',
  summary: 'list the host names the proxy serves',
  run: async ({ api, out }) => {
    const list = await api.call<Vhost[]>('GET', '/vhosts')
    out.document({ vhosts: list })
    if (list.length === 0) out.line('No host names yet.')
    else
      out.line(
        ...renderTable(
          [
            { title: 'HOST', min: 12 },
            { title: 'OWNER', optional: 1 },
            { title: 'SERVES', min: 10 },
            { title: 'TLS', optional: 2 },
          ],
          list.map(({ host, owner, serve, tls }) => [host, owner, serveText(serve), tlsText(tls)]),
          out.width(),
          out.style,
        ),
      )
  },
}

function serveText(serve: Vhost['serve']): string {
  if (serve.kind === 'upstream') return serve.servers.join(' ')
  return serve.kind === 'page' ? `page: ${serve.reason}` : `redirect: ${serve.to}`
}

const tlsText = (tls: Vhost['tls']) => (tls ? (tls.publiclyTrusted ? 'public' : 'internal') : 'none')

/** Sites of config.yml: services that run outside Docker, and hosts that only lead elsewhere. Pure. */
import type { Site } from '../config/proxy-options.ts'
import { LAYOUT } from './layout.ts'
import { type SecretOf, resolved, redirectsTo } from './resolve-options.ts'
import type { Protocol, WantedVhost } from './vhost.ts'

/** `http://127.0.0.1:3000` or `unix:NAME.sock`, as nginx takes it. */
export function serverOf(upstream: string): { server: string; protocol: Protocol } {
  const [, name] = /^unix:([a-z0-9][a-z0-9._-]*)$/.exec(upstream) ?? []
  if (name !== undefined) return { server: `unix:${LAYOUT.sockets}/${name}`, protocol: 'http' }
  const [, protocol = 'http', server = ''] = /^([a-z]+):\/\/(.*)$/.exec(upstream) ?? []
  return { server, protocol: protocol as Protocol }
}

export function outsideVhosts(sites: readonly Site[], secretOf: SecretOf): WantedVhost[] {
  return sites.flatMap((site) => {
    const owner = 'site'
    if (site.redirect !== undefined)
      return [{ host: site.host, owner, serve: { kind: 'redirect', to: site.redirect, permanent: true } }]
    if (site.upstream === undefined) return []
    const { server, protocol } = serverOf(site.upstream)
    const { proxy = {} } = site
    return [
      {
        host: site.host,
        owner,
        serve: {
          kind: 'upstream',
          servers: [server],
          protocol,
          maxBody: proxy.max_body ?? '64m',
          websocket: proxy.websocket ?? true,
          buffering: proxy.buffering ?? true,
          timeoutSeconds: proxy.timeout ?? 120,
          paths: [],
        },
        ...resolved(proxy, site.host, secretOf),
      },
      ...redirectsTo(site.host, proxy, owner),
    ]
  })
}

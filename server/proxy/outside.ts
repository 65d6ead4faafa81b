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
  return sites.flatMap(({ host, upstream, redirect, tls, proxy = {} }): WantedVhost[] => {
    const base = { host, owner: 'site', ...(tls === undefined ? {} : { wish: { tls } }) }
    if (redirect !== undefined)
      return [{ ...base, serve: { kind: 'redirect', to: redirect, permanent: true } }]
    if (upstream === undefined) return []
    const { server, protocol } = serverOf(upstream)
    const vhost: WantedVhost = {
      ...base,
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
      ...resolved(proxy, host, secretOf),
    }
    return [vhost, ...redirectsTo(vhost, proxy)]
  })
}

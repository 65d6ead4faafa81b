/** The hosts of our minions: those that their templates describe, and those that their containers ask for besides. Pure. */
import type { Tls } from '../config/config.ts'
import type { ProxyOptions } from '../config/proxy-options.ts'
import type { MinionStatus } from '../minions/minion.ts'
import type { RenderedWeb } from '../templates/rendered.ts'
import type { Claim } from './claims.ts'
import { type SecretOf, redirectsTo, resolved } from './resolve-options.ts'
import type { Vhost, WantedVhost } from './vhost.ts'
import { claimedNames, claimedOptions } from './watcher.ts'

export interface ManagedSite {
  minion: string
  status: MinionStatus
  /** It has answered once: from then on visitors see it, whatever a health check says meanwhile. */
  ready: boolean
  web: readonly RenderedWeb[]
  /** `proxy:` of its entry in config.yml. */
  proxy?: ProxyOptions
  /** `tls:` there. */
  tls?: Tls
  /** What its running containers ask for in their environment. */
  claims?: readonly (Claim & { service: string })[]
}

const DEFAULTS = { maxBody: '64m', timeout: 120 } as const

/** Hosts that templates describe come before those that containers name. */
export function managedVhosts(sites: readonly ManagedSite[], secretOf: SecretOf): WantedVhost[] {
  return [
    ...sites.flatMap((site) => site.web.map((web) => vhostOf(site, web, web.host, secretOf))),
    ...sites.flatMap((site) => furtherHosts(site, secretOf)),
    ...sites.flatMap(({ web: [main], proxy = {}, minion }) =>
      main ? redirectsTo(main.host, proxy, `minion:${minion}`) : [],
    ),
  ]
}

/** More names in VIRTUAL_HOST of a service that faces the web: the same application under another name. */
function furtherHosts(site: ManagedSite, secretOf: SecretOf): WantedVhost[] {
  const { claims = [], web, minion } = site
  const known = new Set(web.map(({ host }) => host))
  return claims.flatMap(({ host, service, problem }) => {
    const facing = web.find((entry) => entry.service === service)
    if (!facing || known.has(host)) return []
    known.add(host)
    if (problem === undefined) return [vhostOf(site, facing, host, secretOf)]
    return [{ host, owner: `minion:${minion}`, serve: { kind: 'page', reason: 'unreachable' }, problem }]
  })
}

/** config.yml has the last word, then the template, then the container's environment. */
function vhostOf(site: ManagedSite, web: RenderedWeb, host: string, secretOf: SecretOf): WantedVhost {
  const written: ProxyOptions = { ...web.options.proxy, ...site.proxy }
  const claims = (site.claims ?? []).filter(
    (claim) => claim.service === web.service && claim.problem === undefined,
  )
  const claimed = claimedOptions(claims)
  const wish = { ...claimedNames(host, claims), ...(site.tls === undefined ? {} : { tls: site.tls }) }
  const { options, problem } = resolved(written, host, secretOf)
  const merged = { ...claimed.options, ...options }
  return {
    host,
    owner: `minion:${site.minion}`,
    serve: serveOf(site, web, written),
    ...(claimed.certificate === undefined ? {} : { certificate: claimed.certificate }),
    ...(Object.keys(merged).length > 0 ? { options: merged } : {}),
    ...(Object.keys(wish).length > 0 ? { wish } : {}),
    ...(problem === undefined ? {} : { problem }),
  }
}

function serveOf({ status, ready }: ManagedSite, web: RenderedWeb, proxy: ProxyOptions): Vhost['serve'] {
  if (status === 'stopped' || status === 'absent') return { kind: 'page', reason: 'stopped' }
  // nobody is there to answer: a visitor would wait for the kernel to give up
  if (status === 'failed') return { kind: 'page', reason: 'failed' }
  if (!ready) return { kind: 'page', reason: 'starting' }
  const { options } = web
  return {
    kind: 'upstream',
    servers: [web.upstream],
    protocol: options.protocol ?? 'http',
    maxBody: proxy.max_body ?? options.max_body ?? DEFAULTS.maxBody,
    websocket: proxy.websocket ?? options.websocket ?? false,
    buffering: proxy.buffering ?? options.buffering ?? true,
    timeoutSeconds: proxy.timeout ?? options.timeout ?? DEFAULTS.timeout,
    paths: web.paths.map(({ path, upstream }) => ({ path, servers: [upstream] })),
  }
}

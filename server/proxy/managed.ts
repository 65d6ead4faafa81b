/** The hosts of our minions: those that their templates describe, and those that their containers ask for besides. Pure. */
import type { Tls } from '../config/config.ts'
import type { ProxyOptions } from '../config/proxy-options.ts'
import type { MinionStatus } from '../minions/minion.ts'
import type { RenderedWeb } from '../templates/rendered.ts'
import type { Claim } from './claims.ts'
import { type SecretOf, redirectsTo, resolved } from './resolve-options.ts'
import type { Target, Vhost, WantedVhost } from './vhost.ts'
import { claimedNames, claimedOptions, pathsOf, servedBy } from './watcher.ts'

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
    ...sites.flatMap((site) => {
      const [main] = site.web
      return main ? redirectsTo(vhostOf(site, main, main.host, secretOf), site.proxy ?? {}) : []
    }),
  ]
}

/** What VIRTUAL_HOST and its like of a service that faces the web name besides: the same application under another name. */
function furtherHosts(site: ManagedSite, secretOf: SecretOf): WantedVhost[] {
  const { claims = [], web, minion } = site
  const known = new Set(web.map(({ host }) => host))
  const others = claims.filter(({ host }) => !known.has(host))
  return [...Map.groupBy(others, ({ host }) => host)].flatMap(([host, found]): WantedVhost[] => {
    const facing = web.find(({ service }) => found.some((claim) => claim.service === service))
    if (!facing) return []
    const good = found.filter(({ problem }) => problem === undefined)
    const problem = found.find((claim) => claim.problem !== undefined)?.problem
    if (problem !== undefined && good.length === 0)
      return [{ host, owner: `minion:${minion}`, serve: { kind: 'page', reason: 'unreachable' }, problem }]
    return [vhostOf(site, facing, host, secretOf)]
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
    serve: withClaims(serveOf(site, web, written), host, site),
    ...(claimed.certificate === undefined ? {} : { certificate: claimed.certificate }),
    ...(Object.keys(merged).length > 0 ? { options: merged } : {}),
    ...(Object.keys(wish).length > 0 ? { wish } : {}),
    ...(problem === undefined ? {} : { problem }),
  }
}

/** Ports and paths that its containers name beside what the template describes. */
function withClaims(serve: Vhost['serve'], host: string, { claims = [], web }: ManagedSite): Vhost['serve'] {
  if (serve.kind !== 'upstream') return serve
  const found = claims.filter(
    (claim) =>
      claim.host === host &&
      claim.problem === undefined &&
      web.some(({ service }) => service === claim.service),
  )
  const described = web.some((entry) => entry.host === host)
  const root = found.find(({ path }) => path === '/')
  // a template knows better than its container where the whole of its host leads
  if (!described && found.length > 0 && (!root || leadsElsewhere(serve, root))) return servedBy(found, serve)
  const known = new Set(serve.paths.map(({ path }) => path))
  const further = pathsOf(found.filter(({ path }) => path !== '/' && !known.has(path)))
  return further.length === 0 ? serve : { ...serve, paths: [...serve.paths, ...further] }
}

/** Another port, protocol or path: the address may be the same container's in another network. */
function leadsElsewhere({ servers, protocol }: Target, { target }: Claim): boolean {
  const portOf = (server: string | undefined) => server?.replace(/^.*:/, '')
  const [wished] = target.servers
  return (
    target.dest !== undefined ||
    target.protocol !== protocol ||
    (wished !== undefined && portOf(wished) !== portOf(servers[0]))
  )
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

/** The hosts that this box should serve now: its own, its minions', foreign containers', and names left behind. Pure. */
import type { MinionStatus } from '../minions/minion.ts'
import type { RenderedWeb } from '../templates/rendered.ts'
import { LAYOUT } from './layout.ts'
import type { Vhost, WantedVhost } from './vhost.ts'

export interface ManagedSite {
  minion: string
  status: MinionStatus
  /** It has answered once: from then on visitors see it, whatever a health check says meanwhile. */
  ready: boolean
  web: readonly RenderedWeb[]
}

export interface WantedInput {
  domain: string
  /** Pool of the minions' networks: containers there may call the hooks without TLS. */
  subnets: string
  managed: readonly ManagedSite[]
  foreign: readonly WantedVhost[]
  /** Hosts that minions had before a rename. */
  former: readonly { host: string; minion: string }[]
}

const DEFAULTS = { maxBody: '64m', timeout: 120 } as const

/** One owner per host: the box, then minions in their order, then foreign containers, then redirects. */
export function vhostsOf(input: WantedInput): WantedVhost[] {
  const { domain, managed, foreign, former } = input
  const dashboard = `summoner.${domain}`
  const redirects = former.flatMap(({ host, minion }): WantedVhost[] => {
    const to = managed.find((site) => site.minion === minion)?.web[0]?.host
    return to === undefined ? [] : [{ host, owner: `minion:${minion}`, serve: { kind: 'redirect', to } }]
  })
  const bare: WantedVhost = { host: domain, owner: 'box', serve: { kind: 'redirect', to: dashboard } }
  const owned = new Map<string, WantedVhost>()
  for (const vhost of [...boxVhosts(input), ...managed.flatMap(siteVhosts), ...foreign, ...redirects, bare]) {
    const host = vhost.host.toLowerCase()
    const itself = vhost.serve.kind === 'redirect' && vhost.serve.to.toLowerCase() === host
    if (!itself && !owned.has(host)) owned.set(host, { ...vhost, host })
  }
  return [...owned.values()].sort((a, b) => (a.host < b.host ? -1 : 1))
}

function boxVhosts({ domain, subnets }: WantedInput): WantedVhost[] {
  const serve: Vhost['serve'] = {
    kind: 'upstream',
    servers: [`unix:${LAYOUT.webSocket}`],
    protocol: 'http',
    maxBody: '64m',
    websocket: false,
    // live streams must not wait in a buffer
    buffering: false,
    timeoutSeconds: 3600,
    paths: [],
  }
  return [
    { host: `summoner.${domain}`, owner: 'box', serve, rootCertificate: true },
    { host: `hooks.${domain}`, owner: 'box', serve, plainFor: [subnets] },
  ]
}

function siteVhosts(site: ManagedSite): WantedVhost[] {
  return site.web.map((web) => ({
    host: web.host,
    owner: `minion:${site.minion}`,
    serve: serveOf(site, web),
  }))
}

function serveOf({ status, ready }: ManagedSite, web: RenderedWeb): Vhost['serve'] {
  if (status === 'stopped' || status === 'absent') return { kind: 'page', reason: 'stopped' }
  if (!ready) return { kind: 'page', reason: status === 'failed' ? 'failed' : 'starting' }
  const { options } = web
  return {
    kind: 'upstream',
    servers: [web.upstream],
    protocol: options.protocol ?? 'http',
    maxBody: options.max_body ?? DEFAULTS.maxBody,
    websocket: options.websocket ?? false,
    buffering: options.buffering ?? true,
    timeoutSeconds: options.timeout ?? DEFAULTS.timeout,
    paths: web.paths.map(({ path, upstream }) => ({ path, servers: [upstream] })),
  }
}

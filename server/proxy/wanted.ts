/** The hosts that this box should serve now: its own, its minions', foreign containers', and names left behind. Pure. */
import type { Site } from '../config/proxy-options.ts'
import { LAYOUT } from './layout.ts'
import { type ManagedSite, managedVhosts } from './managed.ts'
import { outsideVhosts } from './outside.ts'
import { type SecretOf, leadingTo } from './resolve-options.ts'
import type { Vhost, WantedVhost } from './vhost.ts'

export interface WantedInput {
  domain: string
  /** Pool of the minions' networks: containers there may call the hooks without TLS. */
  subnets: string
  managed: readonly ManagedSite[]
  /** Services outside Docker. */
  sites: readonly Site[]
  foreign: readonly WantedVhost[]
  /** Hosts that minions had before a rename. */
  former: readonly { host: string; minion: string }[]
  secretOf: SecretOf
}

/** One owner per host: the box, minions in their order, sites, foreign containers, then redirects. */
export function vhostsOf(input: WantedInput): WantedVhost[] {
  const { domain, managed, sites, foreign, former, secretOf } = input
  const dashboard = `summoner.${domain}`
  const ofMinions = managedVhosts(managed, secretOf)
  const redirects = former.flatMap(({ host, minion }) => {
    const to = managed.find((site) => site.minion === minion)?.web[0]?.host
    const goal = ofMinions.find((vhost) => vhost.host === to)
    return goal ? [leadingTo(goal, host)] : []
  })
  const bare: WantedVhost = { host: domain, owner: 'box', serve: { kind: 'redirect', to: dashboard } }
  const owned = new Map<string, WantedVhost>()
  const wishes = [
    ...boxVhosts(input),
    ...ofMinions,
    ...outsideVhosts(sites, secretOf),
    ...foreign,
    ...redirects,
    bare,
  ]
  for (const vhost of wishes) {
    const host = vhost.host.toLowerCase()
    const itself = vhost.serve.kind === 'redirect' && vhost.serve.to.toLowerCase() === host
    if (!itself && !owned.has(host)) owned.set(host, { ...vhost, host })
  }
  return [...owned.values()].sort((a, b) => (a.host < b.host ? -1 : 1))
}

function boxVhosts({ domain, subnets }: WantedInput): WantedVhost[] {
  const servers = [`unix:${LAYOUT.webSocket}`]
  const serve: Vhost['serve'] = {
    kind: 'upstream',
    servers,
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
    {
      host: `hooks.${domain}`,
      owner: 'box',
      // whoever may call a hook reaches nothing else of the daemon by this name
      serve: { ...serve, servers: [], pathsOnly: true, paths: [{ path: '/hooks/', servers }] },
      plainFor: [subnets],
    },
  ]
}

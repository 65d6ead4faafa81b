/** Foreign containers: whatever runs on this engine with VIRTUAL_HOST and is not ours is served as well. */
import { isIPv4 } from 'node:net'
import { LABEL, type Container } from '../docker/container.ts'
import { asHost } from './hosts.ts'
import type { WantedVhost } from './vhost.ts'

interface Site {
  owner: string
  protocol: 'http' | 'https'
  /** `address:port`; undefined when the port is not clear or no address can be reached from the host. */
  server: string | undefined
}

/** One vhost per host name; containers that share a host become one upstream with several servers. Pure. */
export function foreignVhosts(containers: readonly Container[]): WantedVhost[] {
  const sites = new Map<string, Site[]>()
  const foreign = containers
    .filter(({ state, labels, env }) => state === 'running' && !(LABEL.box in labels) && env['VIRTUAL_HOST'])
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const container of foreign)
    for (const host of hostsOf(container)) sites.set(host, [...(sites.get(host) ?? []), siteOf(container)])
  return [...sites].map(([host, found]) => vhostOf(host, found)).sort((a, b) => (a.host < b.host ? -1 : 1))
}

/** Wildcards, expressions and anything else that is no plain host name are passed over. */
function hostsOf({ env }: Container): string[] {
  const hosts = (env['VIRTUAL_HOST'] ?? '').split(',').map((part) => asHost(part.trim()))
  return [...new Set(hosts.filter((host) => host !== undefined))]
}

function siteOf(container: Container): Site {
  const address = addressOf(container)
  const port = portOf(container)
  return {
    owner: `container:${container.name}`,
    protocol: container.env['VIRTUAL_PROTO'] === 'https' ? 'https' : 'http',
    server: address !== undefined && port !== undefined ? `${address}:${port}` : undefined,
  }
}

function addressOf({ networkMode, networks }: Container): string | undefined {
  if (networkMode === 'host') return '127.0.0.1'
  return Object.entries(networks)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, address]) => address)
    .find((address) => isIPv4(address))
}

/** VIRTUAL_PORT, else the only port that the image exposes. */
function portOf({ env, exposedPorts }: Container): number | undefined {
  const wished = env['VIRTUAL_PORT']
  if (wished === undefined) return exposedPorts.length === 1 ? exposedPorts[0] : undefined
  const port = /^[1-9][0-9]{0,4}$/.test(wished) ? Number(wished) : 0
  return port >= 1 && port <= 65_535 ? port : undefined
}

function vhostOf(host: string, sites: Site[]): WantedVhost {
  const owner = sites.map((site) => site.owner).join(',')
  const protocol = sites[0]?.protocol ?? 'http'
  // one upstream speaks one protocol: the first container decides
  const servers = sites.filter((site) => site.protocol === protocol).map(({ server }) => server)
  const reachable = [...new Set(servers.filter((server) => server !== undefined))]
  if (reachable.length === 0) return { host, owner, serve: { kind: 'page', reason: 'unreachable' } }
  return {
    host,
    owner,
    serve: {
      kind: 'upstream',
      servers: reachable,
      protocol,
      maxBody: '1g',
      websocket: true,
      buffering: true,
      timeoutSeconds: 300,
      paths: [],
    },
  }
}

/** Foreign containers: whatever runs on this engine with VIRTUAL_HOST and is not ours is served as well. Pure. */
import type { TlsWish } from '../certificates/source.ts'
import { LABEL, type Container } from '../docker/container.ts'
import { type Claim, claimsOf } from './claims.ts'
import type { Target, Vhost, VhostOptions, WantedVhost } from './vhost.ts'

interface Owned extends Claim {
  owner: string
  healthy: boolean
}

/** Addresses of nobody's network but one's own. */
export const PRIVATE = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
]

/** One vhost per host name; containers that share a host become one upstream with several servers. */
export function foreignVhosts(containers: readonly Container[]): WantedVhost[] {
  const claims = containers
    .filter((container) => container.state === 'running' && !isOurs(container))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((container) =>
      claimsOf(container).map((claim): Owned => ({
        ...claim,
        owner: `container:${container.name}`,
        healthy: container.health === 'none' || container.health === 'healthy',
      })),
    )
  return [...Map.groupBy(claims, ({ host }) => host)]
    .map(([host, found]) => vhostOf(host, found))
    .sort((a, b) => (a.host < b.host ? -1 : 1))
}

/** The box's label alone says nothing: whatever runs from an image that we built inherits it. */
const isOurs = ({ labels }: Container): boolean => LABEL.minion in labels || labels[LABEL.kind] === 'task'

/** A claim with a problem is passed over where another of the same host has none. */
function vhostOf(host: string, all: readonly Owned[]): WantedVhost {
  const good = all.filter(({ problem }) => problem === undefined)
  const found = good.length > 0 ? good : all
  const owner = [...new Set(found.map((claim) => claim.owner))].join(',')
  const problem = found.find((claim) => claim.problem !== undefined)?.problem
  const wish = claimedNames(host, found)
  const base = {
    host,
    owner,
    ...claimedOptions(found),
    ...(wish ? { wish: { ...wish, asked: true } } : {}),
    ...(problem === undefined ? {} : { problem }),
  }
  return {
    ...base,
    serve: servedBy(found, { maxBody: '1g', websocket: true, buffering: true, timeoutSeconds: 300 }),
  }
}

type Upstream = Extract<Vhost['serve'], { kind: 'upstream' }>

/** Who answers for a host and its paths, where its containers alone say so. */
export function servedBy(
  found: readonly (Claim & { healthy?: boolean })[],
  {
    maxBody,
    websocket,
    buffering,
    timeoutSeconds,
  }: Pick<Upstream, 'maxBody' | 'websocket' | 'buffering' | 'timeoutSeconds'>,
): Vhost['serve'] {
  const paths = pathsOf(found)
  if (paths.every(({ servers }) => servers.length === 0)) return { kind: 'page', reason: 'unreachable' }
  const root = paths.find(({ path }) => path === '/')
  const { path: _path, ...whole } = root ?? { path: '/', servers: [], protocol: 'http' as const }
  return {
    kind: 'upstream',
    ...whole,
    ...(root ? {} : { pathsOnly: true }),
    maxBody,
    websocket,
    buffering,
    timeoutSeconds,
    paths: paths.filter((entry) => entry !== root),
  }
}

export const pathsOf = (claims: readonly (Claim & { healthy?: boolean })[]) =>
  [...Map.groupBy(claims, ({ path }) => path)]
    .map(([path, alike]) => ({ path, ...targetOf(alike) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))

/** One upstream speaks one protocol: the first container decides. Who is unwell rests while others are well. */
function targetOf(
  claims: readonly (Claim & { healthy?: boolean })[],
): Target & { protocol: Claim['target']['protocol'] } {
  const protocol = claims[0]?.target.protocol ?? 'http'
  const alike = claims.filter(({ target }) => target.protocol === protocol && target.servers.length > 0)
  const well = alike.filter(({ healthy = true }) => healthy)
  const chosen = well.length > 0 ? well : alike
  const { dest, root } = (chosen[0] ?? claims[0])?.target ?? {}
  return {
    protocol,
    servers: [...new Set(chosen.flatMap(({ target }) => target.servers))],
    ...(dest === undefined ? {} : { dest }),
    ...(root === undefined ? {} : { root }),
  }
}

/** Only names that somebody listed for this very host. */
export function claimedNames(
  host: string,
  claims: readonly Pick<Claim, 'names' | 'email'>[],
): Pick<TlsWish, 'names' | 'email'> | undefined {
  const claim = claims.find(({ names }) => names?.includes(host))
  return claim?.names && { names: claim.names, ...(claim.email === undefined ? {} : { email: claim.email }) }
}

/** What the containers of a host say about it: the first word on HTTPS counts, and the strictest on access. */
export function claimedOptions(
  claims: readonly Pick<Claim, 'https' | 'internal' | 'certificate'>[],
): Pick<WantedVhost, 'options' | 'certificate'> {
  const https = claims.find((claim) => claim.https !== undefined)?.https
  const certificate = claims.find((claim) => claim.certificate !== undefined)?.certificate
  const options: VhostOptions = {
    ...(https === undefined ? {} : { https }),
    ...(claims.some(({ internal }) => internal) ? { allow: PRIVATE } : {}),
  }
  return {
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...(certificate === undefined ? {} : { certificate }),
  }
}

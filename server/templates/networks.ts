/** The networks of a compose file, and who gets which address on them. */
import { SummonerError } from '../errors.ts'
import { listOf, recordOf, textOf } from './plain.ts'
import { addressesOf, prefixFor } from './subnets.ts'
import type { ComposeService, Template } from './template.ts'
import { interpolate } from './variables.ts'

/** Keys of the networks that services join and that we cut from our pool; `default` where a service names none. */
export function networkKeys({ compose }: Pick<Template, 'compose'>): string[] {
  const used = new Set(Object.values(compose.services).flatMap(networksOf))
  return [...used].filter((key) => isOurs(compose.networks?.[key] ?? {})).toSorted()
}

/** Prefix length of a minion's networks: small, and large enough for the fullest of them. */
export function prefixOf(template: Pick<Template, 'compose' | 'description'>): number {
  const web = addressed(template)
  const sizes = networkKeys(template).map((key) => {
    const joined = Object.entries(template.compose.services).filter(([, it]) => networksOf(it).includes(key))
    const fixed = joined.filter(([name]) => web.includes(name)).length
    const dynamic = joined
      .filter(([name]) => !web.includes(name))
      .reduce((sum, [, it]) => sum + replicasOf(it, {}), 0)
    return prefixFor(fixed, dynamic)
  })
  return Math.min(28, ...sizes)
}

export function networksOf(service: ComposeService): string[] {
  if (service.network_mode) return []
  const names = Array.isArray(service.networks)
    ? service.networks.map(textOf)
    : Object.keys(service.networks ?? {})
  return names.length > 0 ? names : ['default']
}

export function replicasOf(service: ComposeService, env: Readonly<Record<string, string>>): number {
  const wanted = recordOf(service.deploy)['replicas'] ?? service['scale'] ?? 1
  const count = Number(typeof wanted === 'string' ? interpolate(wanted, env) : wanted)
  return Number.isInteger(count) && count >= 0 ? count : 1
}

/** Services that nginx reaches, in the order of minion.yml. */
export function webServices({ description }: Pick<Template, 'description'>): string[] {
  const named = (description.web ?? []).flatMap((web) => [
    web.service,
    ...(web.paths ?? []).map((path) => path.service),
  ])
  return [...new Set(named)]
}

/** The services whose addresses that takes: one that shares another's network is reached at the other's. */
function addressed(template: Pick<Template, 'compose' | 'description'>): string[] {
  const owner = (name: string, depth = 0): string => {
    const mode = textOf(template.compose.services[name]?.network_mode)
    return mode.startsWith('service:') && depth < 8 ? owner(mode.slice(8), depth + 1) : name
  }
  return [...new Set(webServices(template).map((name) => owner(name)))]
}

export interface Layout {
  networks: Record<string, { subnet: string; gateway: string; dynamic: string }>
  /** service -> network key -> fixed address. */
  fixed: Record<string, Record<string, string>>
  /** service -> the address nginx uses; 127.0.0.1 with host networking. */
  upstream: Record<string, string>
}

export function layoutOf(
  template: Pick<Template, 'compose' | 'description'>,
  subnets: Readonly<Record<string, string>>,
): Layout {
  const { services, networks: declared } = template.compose
  const web = addressed(template)
  // A fixed address that the file itself gives lies outside our subnet, so it gets one of ours.
  const wantsFixed = Object.keys(services)
    .filter((name) => web.includes(name) || givesAddress(services[name]))
    .toSorted((a, b) => rank(web, a) - rank(web, b))
  const layout: Layout = { networks: {}, fixed: {}, upstream: {} }
  for (const key of networkKeys(template)) {
    const subnet = subnets[key]
    if (!subnet) throw new SummonerError('render.failed', `The network "${key}" has no subnet yet.`)
    const { gateway, dynamic, fixed } = addressesOf(subnet)
    layout.networks[key] = { subnet, gateway, dynamic }
    const joined = wantsFixed.filter((name) => networksOf(services[name] ?? {}).includes(key))
    for (const [index, name] of joined.entries()) (layout.fixed[name] ??= {})[key] = fixed(index)
  }
  for (const name of webServices(template)) {
    const address = upstreamOf(name, services, declared ?? {}, layout)
    if (address) layout.upstream[name] = address
  }
  return layout
}

function upstreamOf(
  name: string,
  services: Record<string, ComposeService>,
  declared: Record<string, unknown>,
  layout: Layout,
  depth = 0,
): string | undefined {
  const mode = textOf(services[name]?.network_mode)
  if (mode === 'host') return '127.0.0.1'
  if (mode.startsWith('service:') && depth < 8) {
    return upstreamOf(mode.slice(8), services, declared, layout, depth + 1)
  }
  const keys = networksOf(services[name] ?? {}).filter((key) => layout.fixed[name]?.[key])
  const key = keys.find((it) => !recordOf(declared[it])['internal']) ?? keys[0]
  return key === undefined ? undefined : layout.fixed[name]?.[key]
}

/** Networks of somebody else, and those of other drivers (both need a grant), keep their own addresses. */
function isOurs(network: Record<string, unknown>): boolean {
  const external = network['external']
  const own = external === undefined || external === false || external === null
  return own && [undefined, null, 'bridge'].includes(network['driver'] as undefined)
}

function givesAddress(service: ComposeService | undefined): boolean {
  return Object.values(recordOf(service?.networks)).some((network) => recordOf(network)['ipv4_address'])
}

function rank(web: string[], name: string): number {
  return web.includes(name) ? web.indexOf(name) : web.length
}

/** Names that `depends_on` waits for to end well: they are one-shots, whatever minion.yml forgot. */
export function oneshotsOf({ compose, description }: Pick<Template, 'compose' | 'description'>): string[] {
  const awaited = Object.values(compose.services).flatMap((service) =>
    Object.entries(recordOf(service['depends_on']))
      .filter(([, it]) => recordOf(it)['condition'] === 'service_completed_successfully')
      .map(([name]) => name),
  )
  const declared = Object.entries(compose.services)
    .filter(([, service]) => service.restart === 'no' || (service.restart as unknown) === false)
    .map(([name]) => name)
  return [...new Set([...listOf(description.health?.oneshot).map(textOf), ...awaited, ...declared])]
}

/**
 * `compose.override.yml`: what this box adds to a template's own file, and nothing else. Values are literal: whatever
 * looks like a variable is escaped, because compose fills in this file too.
 */
import { Document, isCollection, visit } from 'yaml'
import { LABEL } from '../docker/container.ts'
import { networksOf, replicasOf, type Layout } from './networks.ts'
import { listOf, recordOf, textOf } from './plain.ts'
import { localPorts } from './ports.ts'
import type { RenderInput } from './rendered.ts'
import { dependenciesWithout } from './shared-database.ts'
import type { ComposeFile, ComposeService } from './template.ts'
import { escapeVariables } from './variables.ts'

export interface OverrideInput {
  input: RenderInput
  env: Readonly<Record<string, string>>
  layout: Layout
  containerNames: Readonly<Record<string, string>>
  /** service -> tag of its distribution build. */
  builds: Readonly<Record<string, string>>
  oneshots: readonly string[]
  hosts: readonly string[]
  /** A service of the file that does not run, because a shared server takes its place. */
  left?: { service: string; from: ComposeFile }
}

type Section = Record<string, unknown>
export interface Override {
  services: Record<string, Section>
  /** Services of the file that do not run. */
  left?: string[]
  networks?: Record<string, Section>
  volumes?: Record<string, Section>
}

/** As a plain value, without the hash label: this is what the hash is made of. */
export function overrideOf(given: OverrideInput): Override {
  const { input, layout } = given
  const { compose } = input.template
  const services = Object.fromEntries(
    Object.entries(compose.services).map(([name, service]) => [name, serviceOf(name, service, given)]),
  )
  const networks = Object.fromEntries(
    Object.entries(layout.networks).map(([key, { subnet, gateway, dynamic }]) => [
      key,
      { labels: ownLabels(input), ipam: { config: [{ subnet, gateway, ip_range: dynamic }] } },
    ]),
  )
  const named = Object.entries(compose.volumes ?? {}).filter(([, volume]) => !recordOf(volume)['external'])
  const volumes = Object.fromEntries(named.map(([key]) => [key, { labels: ownLabels(input) }]))
  return {
    services,
    ...(Object.keys(networks).length > 0 ? { networks } : {}),
    ...(Object.keys(volumes).length > 0 ? { volumes } : {}),
    ...(given.left ? { left: [given.left.service] } : {}),
  }
}

/** The file itself; lists of ports and address ranges replace those of the template instead of joining them. */
export function writeOverride(override: Override, hash: string): string {
  const { left = [], ...copy } = structuredClone(override)
  for (const service of Object.values(copy.services)) {
    service['labels'] = { ...recordOf(service['labels']), [LABEL.configHash]: hash }
  }
  const document = new Document(copy, { aliasDuplicateObjects: false })
  for (const name of Object.keys(copy.services)) {
    tagged(document, ['services', name, 'ports'])
    tagged(document, ['services', name, 'depends_on'])
  }
  for (const name of left) {
    const nothing = document.createNode(null)
    nothing.tag = '!reset'
    document.setIn(['services', name], nothing)
  }
  for (const key of Object.keys(copy.networks ?? {})) tagged(document, ['networks', key, 'ipam'])
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string') node.value = escapeVariables(node.value)
    },
  })
  document.commentBefore = ' Written by Summoner at every apply; changes made here do not last.'
  return document.toString({ lineWidth: 0 })
}

function tagged(document: Document, keys: string[]): void {
  const node = document.getIn(keys, true)
  if (isCollection(node)) node.tag = '!override'
}

function serviceOf(name: string, service: ComposeService, given: OverrideInput): Section {
  const { input, env, layout, containerNames, builds, hosts } = given
  const { application, template } = input
  const keys = networksOf(service).filter((key) => layout.networks[key])
  const addresses = layout.fixed[name] ?? {}
  const fixed = Object.entries(addresses).map(([key, address]) => [key, { ipv4_address: address }])
  const security = listOf(service['security_opt']).map(textOf)
  const mayGain = (template.description.security?.new_privileges ?? []).includes(name)
  const hardened = mayGain || security.some((option) => option.startsWith('no-new-privileges'))
  const named = replicasOf(service, env) > 1 ? undefined : containerNames[name]
  const build = builds[name]
  const written = given.left?.from.services[name]
  const needs = given.left && written && dependenciesWithout(written, given.left.service)
  return {
    ...(named === undefined ? {} : { container_name: named }),
    ...(build === undefined ? {} : { image: build, pull_policy: 'never' }),
    ...(service.build === undefined ? {} : { build: { labels: ownLabels(input) } }),
    labels: { ...ownLabels(input), [LABEL.minion]: application.name, [LABEL.template]: template.name },
    ...(service.ports === undefined ? {} : { ports: localPorts(service.ports, env) }),
    ...restartOf(service, given.oneshots.includes(name)),
    ...(fixed.length > 0 ? { networks: Object.fromEntries(fixed) as Section } : {}),
    ...(keys.length > 0 ? { extra_hosts: hosts.map((host) => `${host}:host-gateway`) } : {}),
    ...(hardened ? {} : { security_opt: ['no-new-privileges:true'] }),
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
    ...limitsOf(name, service, input),
    ...(needs ? { depends_on: needs } : {}),
  }
}

function ownLabels(input: RenderInput): Record<string, string> {
  return { [LABEL.box]: input.box.id, [LABEL.minion]: input.application.name }
}

/** A one-shot that restarted would loop; `always` would bring back what a person has stopped. */
function restartOf(service: ComposeService, oneshot: boolean): Section {
  const own = textOf(service.restart)
  if (oneshot) return own === '' || own === 'no' || own === 'false' ? {} : { restart: 'no' }
  return own.startsWith('on-failure') ? {} : { restart: 'unless-stopped' }
}

/** In the form that the file itself uses: compose refuses `mem_limit` beside `deploy.resources`. */
function limitsOf(name: string, service: ComposeService, input: RenderInput): Section {
  const { resources } = input.template.description
  const own = resources.services?.[name]
  const byDeploy = recordOf(recordOf(service.deploy)['resources'])
  const hasOwn = service.mem_limit !== undefined || recordOf(byDeploy['limits'])['memory'] !== undefined
  // Without a figure of its own a service may take what the whole minion was promised.
  const limits = own ?? (hasOwn ? undefined : resources)
  if (!limits) return {}
  const memory = `${limits.memory}M`
  // The engine refuses a container that asks for more cores than there are.
  const cpus = limits.cpus === undefined ? undefined : Math.min(limits.cpus, input.box.cpus ?? limits.cpus)
  const { pids } = limits
  if (Object.keys(byDeploy).length > 0) {
    const given = {
      memory,
      ...(cpus === undefined ? {} : { cpus: String(cpus) }),
      ...(pids === undefined ? {} : { pids }),
    }
    return { deploy: { resources: { limits: given } } }
  }
  return {
    mem_limit: memory,
    ...(cpus === undefined ? {} : { cpus }),
    ...(pids === undefined ? {} : { pids_limit: pids }),
  }
}

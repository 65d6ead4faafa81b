/** The rules of one service. */
import type { KeyPath } from './document.ts'
import { bindSource, splitShort } from './host-path.ts'
import { isFakeTest, isSecretKey } from './lint-words.ts'
import { webServices } from './networks.ts'
import { listOf, recordOf, textOf } from './plain.ts'
import { localPorts, portsOf } from './ports.ts'
import type { ComposeService, Template } from './template.ts'

/** Says a finding at a key path of compose.yml; without one, of minion.yml. */
export type Say = (
  rule: string,
  severity: 'error' | 'warning',
  keys: KeyPath | undefined,
  message: string,
  advice: string,
) => void

export interface LintContext {
  template: Template
  say: Say
  oneshots: string[]
}

const DATA_FOLDERS: Readonly<Record<string, string>> = {
  mysql: '/var/lib/mysql',
  mariadb: '/var/lib/mysql',
  postgres: '/var/lib/postgresql',
  mongo: '/data/db',
  redis: '/data',
  'valkey/valkey': '/data',
}
const DATABASE =
  /(^|\/)(mysql|mariadb|postgres|postgresql|percona|mongo|mongodb|redis|valkey|couchdb|influxdb)$/

export function lintService(name: string, service: ComposeService, context: LintContext): void {
  lintKeys(name, service, context)
  lintEnvironment(name, service, context)
  lintVolumes(name, service, context)
  lintHealth(name, service, context)
}

function lintKeys(name: string, service: ComposeService, { template, say }: LintContext): void {
  const at = (...keys: (string | number)[]) => ['services', name, ...keys]
  if (service['container_name'] !== undefined) {
    say(
      'container-name',
      'error',
      at('container_name'),
      'A fixed name lets the template be summoned once only.',
      'Take it out; names are given by the minion.',
    )
  }
  for (const key of ['links', 'external_links', 'volumes_from', 'volume_driver', 'cpu_shares', 'cpuset']) {
    if (service[key] === undefined) continue
    say(
      'obsolete-key',
      'warning',
      at(key),
      `"${key}" is obsolete.`,
      'Services of one file reach each other by name.',
    )
  }
  const local = localPorts(service.ports, {})
  const database = isDatabase(name, service, template)
  for (const [index, port] of portsOf(service.ports, {}).entries()) {
    if (local.includes(port)) continue
    say(
      database ? 'published-database-port' : 'published-port',
      'error',
      at('ports', index),
      `"${port}" would open a port of the server; Summoner drops it.`,
      'Describe the port under "web", or bind it to 127.0.0.1.',
    )
  }
  const limited =
    template.description.resources.services?.[name] ??
    service.mem_limit ??
    recordOf(recordOf(recordOf(service.deploy)['resources'])['limits'])['memory']
  if (limited === undefined && Object.keys(template.compose.services).length > 1) {
    say(
      'missing-limits',
      'warning',
      at(),
      `"${name}" may take all the memory of the minion.`,
      'Give resources.services in minion.yml.',
    )
  }
  for (const [key, network] of Object.entries(recordOf(service.networks))) {
    if (recordOf(network)['ipv4_address'] === undefined) continue
    say(
      'own-address',
      'warning',
      at('networks', key),
      'A fixed address is replaced by one of the box.',
      'Use the name of the service.',
    )
  }
}

function lintEnvironment(name: string, service: ComposeService, { say }: LintContext): void {
  const entries: [key: string, value: string, keys: KeyPath][] = Array.isArray(service.environment)
    ? service.environment.map((line, index) => {
        const [key = '', ...rest] = textOf(line).split('=')
        return [key, rest.join('='), ['services', name, 'environment', index]]
      })
    : Object.entries(service.environment ?? {}).map(([key, value]) => [
        key,
        textOf(value),
        ['services', name, 'environment', key],
      ])
  for (const [key, value, keys] of entries) {
    const literal = value.replace(/^\$\{[A-Za-z0-9_]+:?-(.*)\}$/, '$1')
    if (
      (isSecretKey(key) &&
        literal !== '' &&
        !literal.includes('$') &&
        !/^(true|false|yes|no|\d{1,3})$/i.test(literal)) ||
      // a password inside an address
      /:\/\/[^:/\s@]*:[^@/\s$]+@/.test(literal)
    ) {
      say(
        'literal-secret',
        'error',
        keys,
        `"${key}" has its value in the file.`,
        'Make it an input with "generate" and "secret".',
      )
    }
    if (/\$\{[A-Z0-9_]+_SUBDOMAIN\}\.\$\{DOMAIN\}/.test(value)) {
      say(
        'host-variable',
        'warning',
        keys,
        'This is wrong for a minion on the bare domain.',
        'Write ${HOST}, or ${URL} with the scheme.',
      )
    }
  }
}

function lintVolumes(name: string, service: ComposeService, { template, say }: LintContext): void {
  const data = (template.description.data ?? []).map(({ path }) => path)
  const binds = listOf(service['volumes']).map(bindSource)
  for (const [index, bind] of binds.entries()) {
    if (!bind) continue
    const at = ['services', name, 'volumes', index]
    const own = /^\$\{?(VOLUME|DATABASE)_STORAGE_ROOT/.test(bind.source)
    const covered = data.some((path) => bind.source === path || bind.source.startsWith(`${path}/`))
    if (own && !covered && !bind.readOnly) {
      say(
        'undeclared-data',
        'warning',
        at,
        `"${bind.source}" is not listed under "data".`,
        'List it, with kind "cache" if it need not be saved.',
      )
    }
    if (/^\.(\/|$)/.test(bind.source) && !bind.readOnly) {
      say(
        'writable-template',
        'warning',
        at,
        `"${bind.source}" is a file of the template and may be written.`,
        'Add ":ro"; data belongs below ${VOLUME_STORAGE_ROOT}/${MINION}.',
      )
    }
  }
  // a folder in memory says that nothing is to be kept
  const keeps = keepsData(service) || listOf(service['tmpfs']).length > 0
  if (isDatabase(name, service, template) && !keeps) {
    say(
      'database-without-volume',
      'error',
      ['services', name],
      `"${name}" loses its data when it is recreated.`,
      'Mount ${DATABASE_STORAGE_ROOT}/${MINION}/….',
    )
  }
}

/** A volume beside the folder of the data keeps nothing of it. */
function keepsData(service: ComposeService): boolean {
  const volumes = listOf(service['volumes'])
  const image = textOf(service.image).replace(/:[^/]*$/, '')
  const folder = Object.entries(DATA_FOLDERS).find(
    ([name]) => image === name || image.endsWith(`/${name}`),
  )?.[1]
  if (!folder) return volumes.length > 0
  const own = Object.entries(recordOf(service.environment)).find(([key]) => key === 'PGDATA')?.[1]
  return volumes.some((volume) => {
    const [source = '', target = source] = splitShort(textOf(volume))
    const at = typeof volume === 'object' ? textOf(recordOf(volume)['target']) : target
    return [folder, textOf(own)].some(
      (path) => path !== '' && (at === path || path.startsWith(`${at}/`) || at.startsWith(`${path}/`)),
    )
  })
}

function lintHealth(name: string, service: ComposeService, { template, say, oneshots }: LintContext): void {
  if (oneshots.includes(name)) return
  const { test, disable } = recordOf(service.healthcheck)
  const at = ['services', name]
  const matters = webServices(template).includes(name) || isDatabase(name, service, template)
  if (service.healthcheck === undefined || disable === true) {
    if (matters)
      say(
        'missing-health',
        'warning',
        at,
        `"${name}" has no health check.`,
        'Give one that asks the service itself.',
      )
  } else if (isFakeTest(test)) {
    say(
      'fake-health',
      'error',
      [...at, 'healthcheck', 'test'],
      'This health check succeeds whatever happens.',
      'Ask the service itself, over its port or its client.',
    )
  }
}

function isDatabase(name: string, service: ComposeService, { description }: Template): boolean {
  const repository = description.images[name]?.repository ?? textOf(service.image).split(':')[0] ?? ''
  return (
    DATABASE.test(repository) ||
    (description.dumps ?? []).some((dump) => dump.service === name && dump.engine !== 'sqlite')
  )
}

/**
 * Powers over the host that a compose file asks for, each by the name under which a person may grant it:
 * `privileged`, `cap:NET_ADMIN`, `device:/dev/kvm`, `network:host`, `docker.sock:ro`, `path:/srv/films:ro`, ….
 * Values are judged before interpolation, so a variable that might lead elsewhere counts as a power.
 */
import type { ComposeFile, ComposeService } from './template.ts'
import { listOf, recordOf, textOf } from './plain.ts'
import { placeOf, type KeyPath, type Source } from './document.ts'
import { bindSource, escapes, pathPower, splitShort } from './host-path.ts'

export interface Power {
  /** The name of the grant that would allow it. */
  what: string
  service?: string
  /** Key path in the file, e.g. `services.app.privileged`. */
  key: string
  line: number
  column: number
}

/** Capabilities every container has anyway: naming them after `cap_drop: [ALL]` is hardening, not a power. */
const DEFAULT_CAPABILITIES = new Set(
  `CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL
  AUDIT_WRITE`.split(/\s+/),
)

type Raise = (what: string, keys: KeyPath) => void

/** Without `source` every place is line 1, column 1. */
export function hostPowers(compose: ComposeFile, source?: Source): Power[] {
  const powers: Power[] = []
  const raise: Raise = (what, keys) => {
    const place = source ? placeOf(source, keys, typeof keys.at(-1) === 'number' ? 'value' : 'key') : {}
    const service = keys[0] === 'services' ? { service: String(keys[1]) } : {}
    powers.push({ what, ...service, key: keys.join('.'), line: place.line ?? 1, column: place.column ?? 1 })
  }
  for (const [index, entry] of listOf(compose['include']).entries()) {
    for (const file of listOf(recordOf(entry)['path'] ?? entry)) {
      raise(`include:${textOf(file)}`, ['include', index])
    }
  }
  for (const [name, service] of Object.entries(recordOf(compose.services))) {
    servicePowers(recordOf(service), ['services', name], raise)
  }
  for (const [name, volume] of Object.entries(recordOf(compose.volumes))) {
    volumePowers(recordOf(volume), ['volumes', name], name, raise)
  }
  for (const [name, network] of Object.entries(recordOf(compose.networks))) {
    networkPowers(recordOf(network), ['networks', name], name, raise)
  }
  for (const kind of ['secrets', 'configs'] as const) {
    for (const [name, entry] of Object.entries(recordOf(compose[kind]))) {
      const { file, external } = recordOf(entry)
      if (file !== undefined && escapes(textOf(file))) raise(`file:${textOf(file)}`, [kind, name, 'file'])
      if (isOn(external)) raise(`${kind}:${name}`, [kind, name, 'external'])
    }
  }
  return powers
}

/** Is `what` covered by one of the grants? A grant for writing covers reading. */
export function isGranted(what: string, grants: readonly string[]): boolean {
  return grants.includes(what) || (what.endsWith(':ro') && grants.includes(what.slice(0, -3)))
}

function servicePowers(service: ComposeService, at: KeyPath, raise: Raise): void {
  const key = (...keys: (string | number)[]) => [...at, ...keys]
  if (isOn(service['privileged'])) raise('privileged', key('privileged'))
  if (isOn(service['use_api_socket'])) raise('docker.sock', key('use_api_socket'))
  for (const [index, capability] of listOf(service['cap_add']).entries()) {
    const name = textOf(capability).toUpperCase().replace(/^CAP_/, '')
    if (!DEFAULT_CAPABILITIES.has(name)) raise(`cap:${name}`, key('cap_add', index))
  }
  for (const [index, device] of listOf(service['devices']).entries()) {
    const name = recordOf(device)['source'] ?? splitShort(textOf(device))[0]
    raise(`device:${textOf(name)}`, key('devices', index))
  }
  for (const [index, rule] of listOf(service['device_cgroup_rules']).entries()) {
    raise(`device:${textOf(rule)}`, key('device_cgroup_rules', index))
  }
  if (service['gpus'] !== undefined) raise('device:gpu', key('gpus'))
  const reservations = recordOf(recordOf(recordOf(service.deploy)['resources'])['reservations'])
  if (listOf(reservations['devices']).length > 0) {
    raise('device:gpu', key('deploy', 'resources', 'reservations', 'devices'))
  }
  namespacePowers(service, key, raise)
  for (const [index, option] of listOf(service['security_opt']).entries()) {
    const harmless = /^(no-new-privileges([:=](true|false))?|seccomp[:=]builtin)$/
    if (!harmless.test(textOf(option))) raise(`security:${textOf(option)}`, key('security_opt', index))
  }
  for (const name of ['cgroup_parent', 'runtime', 'provider', 'credential_spec'] as const) {
    if (service[name] === undefined || service[name] === null) continue
    const value = service[name]
    raise(typeof value === 'string' ? `${name}:${value}` : name, key(name))
  }
  if (Number(service['oom_score_adj']) < 0 || isOn(service['oom_kill_disable'])) {
    raise('oom', key(service['oom_score_adj'] === undefined ? 'oom_kill_disable' : 'oom_score_adj'))
  }
  for (const hook of ['post_start', 'pre_stop']) {
    for (const [index, entry] of listOf(service[hook]).entries()) {
      if (isOn(recordOf(entry)['privileged'])) raise('privileged', key(hook, index))
    }
  }
  for (const [index, volume] of listOf(service['volumes']).entries()) {
    const bind = bindSource(volume)
    const what = bind && pathPower(bind.source, bind.readOnly)
    if (what) raise(what, key('volumes', index))
  }
  for (const [index, from] of listOf(service['volumes_from']).entries()) {
    if (textOf(from).startsWith('container:'))
      raise(`volumes_from:${textOf(from)}`, key('volumes_from', index))
  }
  filePowers(service, key, raise)
  buildPowers(service.build, key, raise)
}

function namespacePowers(service: ComposeService, key: (...keys: string[]) => KeyPath, raise: Raise): void {
  const harmless: Record<string, RegExp> = {
    pid: /^(service:.*)?$/,
    ipc: /^(none|private|shareable|service:.*)?$/,
    uts: /^$/,
    userns_mode: /^$/,
    cgroup: /^(private)?$/,
    network_mode: /^(none|bridge|service:.*)?$/,
  }
  for (const [name, allowed] of Object.entries(harmless)) {
    const value = service[name]
    if (value === undefined || value === null || allowed.test(textOf(value))) continue
    raise(`${name.replace('_mode', '')}:${textOf(value)}`, key(name))
  }
}

function filePowers(
  service: ComposeService,
  key: (...keys: (string | number)[]) => KeyPath,
  raise: Raise,
): void {
  const base = recordOf(service['extends'])
  if (base['file'] !== undefined) raise(`extends:${textOf(base['file'])}`, key('extends', 'file'))
  for (const name of ['env_file', 'label_file']) {
    for (const [index, entry] of listOf(service[name]).entries()) {
      const file = textOf(recordOf(entry)['path'] ?? entry)
      const keys = Array.isArray(service[name]) ? key(name, index) : key(name)
      if (escapes(file)) raise(`file:${file}`, keys)
    }
  }
}

function buildPowers(build: unknown, key: (...keys: (string | number)[]) => KeyPath, raise: Raise): void {
  if (build === undefined || build === null) return
  const options: Record<string, unknown> = typeof build === 'string' ? { context: build } : recordOf(build)
  const paths: [string, unknown][] = [
    ['context', options['context']],
    ['dockerfile', options['dockerfile']],
    ...Object.entries(recordOf(options['additional_contexts'])),
    ...listOf(options['additional_contexts']).map((entry): [string, unknown] => [
      'additional_contexts',
      textOf(entry).replace(/^[^=]*=/, ''),
    ]),
  ]
  for (const [name, value] of paths) {
    if (value !== undefined && escapes(textOf(value))) {
      raise(`build:${textOf(value)}`, typeof build === 'string' ? key('build') : key('build', name))
    }
  }
  if (isOn(options['privileged']) || listOf(options['entitlements']).length > 0) {
    raise('privileged', key('build', isOn(options['privileged']) ? 'privileged' : 'entitlements'))
  }
  if (options['ssh'] !== undefined) raise('build:ssh', key('build', 'ssh'))
}

function volumePowers(volume: Record<string, unknown>, at: KeyPath, name: string, raise: Raise): void {
  if (isOn(volume['external'])) raise(`volume:${textOf(volume['name'] ?? name)}`, [...at, 'external'])
  else if (volume['name'] !== undefined && !/\$\{?MINION\b/.test(textOf(volume['name']))) {
    raise(`volume:${textOf(volume['name'])}`, [...at, 'name'])
  }
  if (![undefined, null, 'local'].includes(volume['driver'] as undefined)) {
    raise(`volume-driver:${textOf(volume['driver'])}`, [...at, 'driver'])
  }
  const { type, o, device } = recordOf(volume['driver_opts'])
  const flags = textOf(o).split(',')
  if (device === undefined && o === undefined) return
  if (type === 'tmpfs' && !/bind|\$/.test(textOf(o))) return
  // The kernel ignores the type once `bind` is set; a relative device would start at the engine's own folder.
  const binds = flags.some((flag) => flag === 'bind' || flag === 'rbind') && !textOf(o).includes('$')
  const path = textOf(device).replace(/^(?=\.)/, '/')
  const what = binds ? pathPower(path, flags.includes('ro')) : `mount:${textOf(type)}:${textOf(device)}`
  if (what) raise(what, [...at, 'driver_opts', device === undefined ? 'o' : 'device'])
}

function networkPowers(network: Record<string, unknown>, at: KeyPath, name: string, raise: Raise): void {
  if (isOn(network['external'])) raise(`network:${textOf(network['name'] ?? name)}`, [...at, 'external'])
  else if (network['name'] !== undefined && !/\$\{?MINION\b/.test(textOf(network['name']))) {
    raise(`network:${textOf(network['name'])}`, [...at, 'name'])
  }
  if (![undefined, null, 'bridge'].includes(network['driver'] as undefined)) {
    raise(`network-driver:${textOf(network['driver'])}`, [...at, 'driver'])
  }
}

/** Anything but a plain "no" counts: `${X}` may become true. */
function isOn(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 'false'
}

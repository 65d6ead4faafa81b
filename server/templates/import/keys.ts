/** Every other key of a service: kept, left out with a reason, or refused because nobody knows what it does. */
import { listOf, recordOf, textOf } from '../plain.ts'
import { at, type Draft, type DraftService } from './draft.ts'
import { readLabels, readNetworks } from './service-networks.ts'
import { bare, isRecord } from './source.ts'

const KEPT = new Set(
  `command entrypoint user working_dir healthcheck tmpfs stop_grace_period stop_signal shm_size ulimits init tty
  stdin_open hostname read_only cap_drop mem_limit memswap_limit mem_reservation cpus pids_limit sysctls extra_hosts
  dns dns_search dns_opt group_add platform domainname cpu_shares cpuset`.split(/\s+/),
)
/** Judged by name as powers over the host once the whole file is known; kept so that they can be granted. */
const POWERS = new Set(
  `privileged cap_add devices device_cgroup_rules gpus pid ipc uts userns_mode cgroup cgroup_parent runtime security_opt
  oom_score_adj oom_kill_disable network_mode use_api_socket credential_spec`.split(/\s+/),
)
/** Read by other passes. */
const ELSEWHERE = new Set(
  'image build environment env_file volumes ports expose networks links depends_on secrets configs deploy labels profiles'.split(
    ' ',
  ),
)
const LEFT_OUT: Record<string, string> = {
  container_name: 'Summoner names containers after the minion, so that two can live side by side.',
  restart: 'Summoner restarts what should run, and nothing that was meant to end.',
  logging: 'Logs are rotated by Summoner.',
  pull_policy: 'Images are fetched once, at the version that is pinned.',
  develop: 'It serves development only.',
  attach: 'It concerns a terminal only.',
  annotations: 'Nothing here reads them.',
  mac_address: 'Addresses are given by Summoner.',
  external_links: 'Containers of other projects are not reachable; talk to them by their public name.',
  scale: 'One container of each service is started.',
  cpu_quota: 'Limits are set by the template.',
  cpu_period: 'Limits are set by the template.',
  cpu_percent: 'Limits are set by the template.',
  mem_swappiness: 'Limits are set by the template.',
  blkio_config: 'Limits are set by the template.',
  storage_opt: 'Limits are set by the template.',
}
const ADVICE: Record<string, string> = {
  extends: 'Write the service out in full: `docker compose config --no-interpolate` prints it.',
  volumes_from: 'List the volumes on the service itself.',
  label_file: 'Write the labels into the file.',
  net: 'Use networks; services reach one another by name.',
  volume_driver: 'Use plain volumes.',
}

export function readKeys(draft: Draft, service: DraftService): void {
  const { findings } = draft
  for (const [key, value] of Object.entries(service.raw)) {
    if (ELSEWHERE.has(key)) continue
    if (value === null || key.startsWith('x-')) continue
    if (key === 'network_mode' && /^(bridge|default)$/.test(textOf(value))) {
      findings.change(
        at(service, key),
        `${key} is left out`,
        'Services of a minion have a network of their own.',
      )
    } else if (KEPT.has(key)) service.out[key] = value
    else if (POWERS.has(key)) service.out[key] = value
    else if (Object.hasOwn(LEFT_OUT, key))
      findings.change(at(service, key), `${key} is left out`, LEFT_OUT[key] ?? '')
    else {
      findings.refuse(at(service, key), {
        what: `${key} is not supported`,
        why: 'What it would do on this server is not known.',
        advice:
          (Object.hasOwn(ADVICE, key) ? ADVICE[key] : undefined) ??
          'Remove the key if the service works without it.',
      })
    }
  }
  readDepends(draft, service)
  readDeploy(draft, service)
  readLabels(draft, service)
  readNetworks(draft, service)
  readSecretNames(draft, service)
}

function readDepends(draft: Draft, service: DraftService): void {
  const written = service.raw['depends_on']
  const names = new Set(draft.services.map(({ name }) => name))
  const wanted: Record<string, Record<string, unknown>> = bare({})
  for (const [name, options] of isRecord(written)
    ? Object.entries(written)
    : listOf(written).map((name): [string, unknown] => [textOf(name), {}])) {
    wanted[name] = { condition: textOf(recordOf(options)['condition'] ?? 'service_started') }
  }
  for (const [index, link] of listOf(service.raw['links']).entries()) {
    const [target = '', alias = target] = textOf(link).split(':')
    const other = draft.services.find(({ name }) => name === target)
    if (
      other &&
      alias !== target &&
      !other.aliases.includes(alias) &&
      /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(alias)
    ) {
      other.aliases.push(alias)
    }
    wanted[target] ??= { condition: 'service_started' }
    draft.findings.change(
      at(service, 'links', index),
      `The link to ${target} is replaced by ${alias === target ? 'its service name' : `the alias ${alias}`}`,
      'Services of a minion find one another by name.',
    )
  }
  for (const name of Object.keys(wanted)) {
    if (names.has(name)) continue
    draft.findings.refuse(at(service, service.raw['depends_on'] === undefined ? 'links' : 'depends_on'), {
      what: `${service.name} needs ${name}, which is not in the file`,
      why: 'Every service of a minion is in its own file.',
      advice: `Add ${name} to the file or remove it here.`,
    })
    delete wanted[name]
  }
  if (Object.keys(wanted).length > 0) service.out['depends_on'] = wanted
}

function readDeploy(draft: Draft, service: DraftService): void {
  const deploy = recordOf(service.raw['deploy'])
  const resources = recordOf(deploy['resources'])
  const limits = recordOf(resources['limits'])
  const { devices } = recordOf(resources['reservations'])
  const kept = {
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    // A device is a power: the grants decide.
    ...(devices === undefined ? {} : { reservations: { devices } }),
  }
  for (const key of Object.keys(deploy)) {
    if (key !== 'resources') {
      draft.findings.change(
        at(service, 'deploy', key),
        `deploy.${key} is left out`,
        'It speaks to a cluster; this is one server.',
      )
    }
  }
  if (Object.keys(kept).length === 0) return
  service.out['deploy'] = { resources: kept }
  for (const key of ['mem_limit', 'memswap_limit', 'mem_reservation', 'cpus', 'pids_limit']) {
    if (service.out[key] === undefined) continue
    delete service.out[key]
    draft.findings.change(
      at(service, key),
      `${key} is left out`,
      'deploy.resources.limits says the same; both together are refused by compose.',
    )
  }
}

function readSecretNames(draft: Draft, service: DraftService): void {
  for (const kind of ['secrets', 'configs']) {
    const list = listOf(service.raw[kind])
    if (list.length === 0) continue
    const defined = recordOf(draft.source.value[kind])
    for (const [index, item] of list.entries()) {
      const name = textOf(recordOf(item)['source'] ?? item)
      if (Object.hasOwn(defined, name)) continue
      draft.findings.refuse(at(service, kind, index), {
        what: `${name} is not under ${kind} of the file`,
        why: 'It has no content.',
        advice: `Add it under ${kind}.`,
      })
    }
    service.out[kind] = list
  }
}

/** The newest figures as Prometheus reads them (text format 0.0.4). Pure. */
import type { Minion } from '../minions/minion.ts'
import type { Seen } from './create-sampler.ts'

export interface Told extends Seen {
  version: string
  minions: readonly Pick<Minion, 'name' | 'template' | 'status'>[]
}

type Labels = Record<string, string>
interface Family {
  name: string
  type: 'counter' | 'gauge'
  help: string
  points: [labels: Labels, value: number][]
}

export function prometheusText(told: Told): string {
  return `${families(told)
    .filter(({ points }) => points.length > 0)
    .map(
      ({ name, type, help, points }) =>
        `# HELP summoner_${name} ${help}\n# TYPE summoner_${name} ${type}\n${points
          .map(([labels, value]) => `summoner_${name}${labelText(labels)} ${numberText(value)}`)
          .join('\n')}`,
    )
    .join('\n')}\n`
}

function families({ version, minions, host, containers, visits }: Told): Family[] {
  const ofContainers = (
    name: string,
    type: Family['type'],
    help: string,
    value: (of: Seen['containers'][number]) => number,
  ) => ({
    name: `container_${name}`,
    type,
    help,
    points: containers.map((one): [Labels, number] => [
      { minion: one.minion, service: one.container.service ?? '', container: one.container.name },
      value(one),
    ]),
  })
  const ofVisits = (name: string, help: string, key: 'requests' | 'errors' | 'seconds') => ({
    name: `vhost_${name}`,
    type: 'counter' as const,
    help,
    points: [...visits].map(([stem, counts]): [Labels, number] => [{ host: stem }, counts[key]]),
  })
  const ofHost = (
    name: string,
    type: Family['type'],
    help: string,
    points: Family['points'] | undefined,
  ) => ({
    name: `host_${name}`,
    type,
    help,
    points: points ?? [],
  })
  const disks = (key: 'total' | 'used' | 'free') =>
    host?.disks.map((disk): [Labels, number] => [{ path: disk.path }, disk[key]])
  const bridged = containers.filter(({ container }) => container.networkMode !== 'host')
  const network = (key: 'networkIn' | 'networkOut') =>
    bridged.map(({ minion, container, reading }): [Labels, number] => [
      { minion, service: container.service ?? '', container: container.name },
      reading[key],
    ])
  return [
    { name: 'info', type: 'gauge', help: 'Version of the daemon.', points: [[{ version }, 1]] },
    {
      name: 'minion_status',
      type: 'gauge',
      help: 'Always 1; the label says the status.',
      points: minions.map(({ name, template, status }) => [{ minion: name, template, status }, 1]),
    },
    ofContainers(
      'cpu_seconds_total',
      'counter',
      'Processor time used.',
      ({ reading }) => reading.cpuNanoseconds / 1e9,
    ),
    ofContainers('memory_bytes', 'gauge', 'Memory without page cache.', ({ reading }) => reading.memory),
    ofContainers(
      'memory_limit_bytes',
      'gauge',
      'Memory it may take; 0 is no limit.',
      ({ reading }) => reading.memoryLimit,
    ),
    ofContainers(
      'disk_read_bytes_total',
      'counter',
      'Bytes read from disks.',
      ({ reading }) => reading.blockRead,
    ),
    ofContainers(
      'disk_written_bytes_total',
      'counter',
      'Bytes written to disks.',
      ({ reading }) => reading.blockWrite,
    ),
    ofContainers('pids', 'gauge', 'Processes and threads.', ({ reading }) => reading.pids),
    {
      name: 'container_network_received_bytes_total',
      type: 'counter',
      help: 'Bytes received.',
      points: network('networkIn'),
    },
    {
      name: 'container_network_sent_bytes_total',
      type: 'counter',
      help: 'Bytes sent.',
      points: network('networkOut'),
    },
    ofVisits('requests_total', 'Requests since the daemon started.', 'requests'),
    ofVisits('errors_total', 'Answers from 500 on since the daemon started.', 'errors'),
    ofVisits('request_seconds_total', 'Time of all requests since the daemon started.', 'seconds'),
    ofHost('load1', 'gauge', 'Load over one minute.', host && [[{}, host.load[0]]]),
    ofHost('memory_bytes', 'gauge', 'Memory of the server.', host && [[{}, host.memory.total]]),
    ofHost(
      'memory_available_bytes',
      'gauge',
      'Memory that programs may still take.',
      host && [[{}, host.memory.available]],
    ),
    ofHost('network_received_bytes_total', 'counter', 'Bytes received.', host && [[{}, host.networkIn]]),
    ofHost('network_sent_bytes_total', 'counter', 'Bytes sent.', host && [[{}, host.networkOut]]),
    ofHost('disk_bytes', 'gauge', 'Size of the file system.', disks('total')),
    ofHost('disk_used_bytes', 'gauge', 'Bytes in use.', disks('used')),
    ofHost('disk_free_bytes', 'gauge', 'Bytes that programs may still take.', disks('free')),
  ]
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const numberText = (value: number): string => (Number.isFinite(value) ? String(value) : 'NaN')

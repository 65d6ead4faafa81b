import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase } from '../db/open-database.ts'
import type { Reading } from '../docker/cgroup.ts'
import type { Container } from '../docker/container.ts'
import type { Visits } from './access-logs.ts'
import { createSampler } from './create-sampler.ts'
import { readHost, type HostReading } from './host-reading.ts'
import { containerFigures, hostFigures } from './measure.ts'
import { prometheusText } from './prometheus.ts'
import { readSamples } from './read-samples.ts'
import { createSampleStore } from './sample-store.ts'

const NOON = Date.parse('2026-03-01T12:00:00.000Z')

const reading = (more: Partial<Reading> = {}): Reading => ({
  cpuNanoseconds: 0,
  memory: 1000,
  memoryLimit: 0,
  networkIn: 0,
  networkOut: 0,
  blockRead: 0,
  blockWrite: 0,
  pids: 3,
  ...more,
})
const hostReading = (more: Partial<HostReading> = {}): HostReading => ({
  busy: 0,
  ticks: 0,
  load: [0.5, 0.4, 0.3],
  uptime: 100,
  memory: { total: 4000, used: 1000, available: 3000 },
  swap: { total: 0, used: 0 },
  networkIn: 0,
  networkOut: 0,
  diskRead: 0,
  diskWrite: 0,
  disks: [{ path: '/data', total: 100, used: 40, free: 60 }],
  ...more,
})
const container = (service: string, more: Partial<Container> = {}): Container =>
  ({
    id: service,
    name: `${service}-cloud`,
    service,
    pid: 7,
    startedAt: 'a',
    networkMode: 'net',
    ...more,
  }) as Container

function setUp(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'summoner-sampling-'))
  const { db } = openDatabase({ file: join(folder, 'box.db'), log: { info() {}, error() {} } })
  t.teardown(() => {
    db.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const world = {
    now: NOON,
    containers: [container('app')],
    cpu: 0,
    host: hostReading(),
    visits: new Map<string, Visits>(),
    errors: [] as unknown[],
  }
  const store = createSampleStore(db)
  const sampler = createSampler({
    store,
    now: () => world.now,
    containers: () => world.containers.map((one) => ({ container: one, minion: 'cloud' })),
    readContainer: () => reading({ cpuNanoseconds: world.cpu }),
    readHost: () => world.host,
    visits: () => world.visits,
    onError: (error) => world.errors.push(error),
  })
  const look = (seconds = 10) => {
    world.now += seconds * 1000
    sampler.look()
  }
  const values = (subject: string, metric: string, points = 360) =>
    readSamples(
      { metric, unit: 'percent', range: 'hour', points },
      store.find(subject, metric).map((series) => ({ name: series.name, values: (of) => of(series) })),
      { store, sampler, now: () => world.now },
    )
  return { db, store, sampler, world, look, values }
}

t.test('counters become figures per second', async (t) => {
  const before = { ms: 0, value: reading() }
  const now = { ms: 10_000, value: reading({ cpuNanoseconds: 5e9, networkIn: 1000, blockWrite: 40 }) }
  t.same(containerFigures(before, now, { hostNetwork: false }), {
    cpu: 50,
    memory: 1000,
    network_in: 100,
    network_out: 0,
    disk_read: 0,
    disk_write: 4,
    pids: 3,
  })
  t.match(containerFigures(undefined, now, { hostNetwork: false }), { cpu: Number.NaN, memory: 1000 })
  t.match(containerFigures(now, before, { hostNetwork: false }), { cpu: Number.NaN }, 'back to zero')
  t.match(containerFigures(before, now, { hostNetwork: true }), { network_in: Number.NaN, cpu: 50 })
  const host = { ms: 10_000, value: hostReading({ busy: 150, ticks: 1000, diskRead: 20 }) }
  t.match(hostFigures({ ms: 0, value: hostReading({ busy: 50 }) }, host), {
    cpu: 10,
    disk_read: 2,
    load: 0.5,
  })
})

t.test('looked at every ten seconds, written once a minute, read as one', async (t) => {
  const { db, sampler, world, look, values } = setUp(t)
  sampler.look()
  const writes = () => db.prepare('SELECT total_changes()').pluck().get() as number
  let before = 0
  for (let count = 1; count <= 4; count++) {
    world.cpu += count * 1e9
    look()
    if (count === 1) before = writes()
  }
  t.equal(writes(), before, 'once the series are known nothing is written within the minute')
  const { series, from, step } = values('minion:cloud', 'cpu')
  t.equal(step, 10)
  t.equal(Date.parse(from), NOON + 50_000 - 3_600_000)
  t.equal(series[0]?.name, 'app')
  t.same(series[0]?.values.slice(-5), [null, 10, 20, 30, 40])
  look()
  look()
  t.ok(writes() > before)
  sampler.stop()
  t.same(values('minion:cloud', 'cpu').series[0]?.values.slice(-7), [null, 10, 20, 30, 40, 0, 0])
  t.same(values('minion:cloud', 'cpu', 72).series[0]?.values.slice(-2), [10, 18], 'thinned')
  t.same(world.errors, [])
})

t.test('a container that starts anew counts from zero; several of one service are one', async (t) => {
  const { sampler, world, look, values } = setUp(t)
  world.containers = [container('web', { id: 'one' }), container('web', { id: 'two' })]
  sampler.look()
  world.cpu = 1e9
  look()
  t.same(values('minion:cloud', 'cpu').series[0]?.values.slice(-1), [20])
  t.same(values('minion:cloud', 'memory').series[0]?.values.slice(-1), [2000])
  world.containers = [container('web', { id: 'one', startedAt: 'b' })]
  world.cpu = 9e9
  look()
  t.same(values('minion:cloud', 'cpu').series[0]?.values.slice(-1), [null])
  world.containers = [container('web', { id: 'one' })].map(({ pid: _pid, ...rest }) => rest)
  look()
  t.same(values('minion:cloud', 'memory').series[0]?.values.slice(-1), [null], 'stopped')
})

t.test('visits: requests a second, and times that stay exact over any span', async (t) => {
  const { sampler, world, look, values } = setUp(t)
  sampler.look()
  world.visits = new Map([['cloud.test', { requests: 20, errors: 5, seconds: 4 }]])
  look()
  t.same(values('vhost:cloud.test', 'requests').series[0]?.values.slice(-1), [2])
  t.same(values('vhost:cloud.test', 'errors').series[0]?.values.slice(-1), [0.5])
  t.same(values('vhost:cloud.test', 'busy').series[0]?.values.slice(-1), [0.4])
  look(20)
  t.same(values('vhost:cloud.test', 'requests').series[0]?.values.slice(-1), [1], 'after a late look')
})

t.test('one part that fails leaves the others', async (t) => {
  const { sampler, world, look, values } = setUp(t)
  sampler.look()
  world.host = undefined as unknown as HostReading
  look()
  t.equal(world.errors.length, 1)
  t.same(values('minion:cloud', 'cpu').series[0]?.values.slice(-1), [0])
})

t.test('the kernel is understood', async (t) => {
  const dir = t.testdir({
    stat: 'cpu  100 10 50 800 40 5 5 10 0 0\ncpu0 1 1 1 1\n',
    loadavg: '0.52 0.40 0.30 1/234 567\n',
    uptime: '12345.67 100.00\n',
    meminfo:
      'MemTotal:        4000 kB\nMemFree: 10 kB\nMemAvailable:    3000 kB\nSwapTotal: 100 kB\nSwapFree: 60 kB\n',
    net: {
      dev: `h\nh\n    lo: 5 0 0 0 0 0 0 0 5 0\n  eth0: 1000 0 0 0 0 0 0 0 2000 0\nveth12: 7 0 0 0 0 0 0 0 7 0\nbr-1: 7 0 0 0 0 0 0 0 7 0\n`,
    },
    diskstats: `   8 0 sda 1 0 10 0 1 0 20 0 0 0 0\n   8 1 sda1 1 0 9 0 1 0 9 0 0 0 0\n 259 0 nvme0n1 1 0 1 0 1 0 1 0 0 0 0\n   7 0 loop0 1 0 99 0 1 0 99 0 0 0 0\n 253 0 dm-0 1 0 9 0 1 0 9 0 0 0 0\n`,
  })
  t.match(readHost([], dir), {
    busy: 180,
    ticks: 1020,
    load: [0.52, 0.4, 0.3],
    uptime: 12345,
    memory: { total: 4_096_000, available: 3_072_000, used: 1_024_000 },
    swap: { total: 102_400, used: 40_960 },
    networkIn: 1000,
    networkOut: 2000,
    diskRead: 11 * 512,
    diskWrite: 21 * 512,
    disks: [],
  })
  const real = readHost(['/', '/', '/nowhere'])
  t.equal(real.disks.length, 1, 'one for a file system')
  t.ok(real.memory.total > real.memory.used && real.memory.used > 0)
  t.ok(real.ticks > real.busy && real.busy > 0)
})

t.test('Prometheus reads it', async (t) => {
  const text = prometheusText({
    version: '1.2.3',
    minions: [{ name: 'cloud', template: 'nextcloud', status: 'running' }],
    host: hostReading(),
    containers: [
      {
        container: container('app'),
        minion: 'cloud',
        reading: reading({ cpuNanoseconds: 15e8, networkIn: 9 }),
      },
      { container: container('nginx', { networkMode: 'host' }), minion: 'nginx', reading: reading() },
    ],
    visits: new Map([['a"\\b.test', { requests: 2, errors: 1, seconds: 0.5 }]]),
  })
  for (const line of [
    'summoner_info{version="1.2.3"} 1',
    'summoner_minion_status{minion="cloud",template="nextcloud",status="running"} 1',
    'summoner_container_cpu_seconds_total{minion="cloud",service="app",container="app-cloud"} 1.5',
    'summoner_container_network_received_bytes_total{minion="cloud",service="app",container="app-cloud"} 9',
    'summoner_vhost_requests_total{host="a\\"\\\\b.test"} 2',
    'summoner_host_load1 0.5',
    'summoner_host_disk_used_bytes{path="/data"} 40',
  ])
    t.ok(text.split('\n').includes(line), line)
  t.notMatch(text, /network_received_bytes_total\{minion="nginx"/)
  const names = new Set<string>()
  for (const line of text.trimEnd().split('\n')) {
    const [, name] = /^# TYPE (\S+) (?:counter|gauge)$/.exec(line) ?? []
    if (name) {
      t.notOk(names.has(name), `${name} is told once`)
      names.add(name)
    } else if (!line.startsWith('#'))
      t.match(line, /^[a-z0-9_]+(\{([a-z]+="(?:[^"\\\n]|\\.)*",?)+\})? -?[0-9.e+]+$/, line)
  }
})

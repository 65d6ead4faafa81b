/** What the kernel tells of the whole host: counters and levels, from /proc and the file systems. */
import { readFileSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface Disk {
  path: string
  total: number
  used: number
  /** What programs of users may still take. */
  free: number
}

export interface HostReading {
  /** Since the start, over all cores, in ticks. */
  busy: number
  ticks: number
  load: [number, number, number]
  uptime: number
  memory: { total: number; used: number; available: number }
  swap: { total: number; used: number }
  networkIn: number
  networkOut: number
  diskRead: number
  diskWrite: number
  disks: Disk[]
}

/** Bridges and their ends would count every byte of a container twice. */
const VIRTUAL = /^(?:lo$|docker|br-|veth|virbr|cni|dummy|ifb|tun|tap|wg)/
/** Whole devices: partitions, loops and mappings pass the same bytes on. */
const WHOLE = /^(?:(?:sd|vd|xvd|hd)[a-z]+|nvme\d+n\d+|mmcblk\d+)$/
const SECTOR = 512

export function readHost(folders: readonly string[], proc = '/proc'): HostReading {
  const text = (name: string) => readFileSync(join(proc, name), 'utf8')
  const [busy, ticks] = processorOf(text('stat'))
  const [one = 0, five = 0, fifteen = 0] = text('loadavg').split(' ').map(Number)
  return {
    busy,
    ticks,
    load: [one, five, fifteen],
    uptime: Math.floor(Number(text('uptime').split(' ')[0])),
    ...memoryOf(text('meminfo')),
    ...networkOf(text('net/dev')),
    ...devicesOf(text('diskstats')),
    disks: disksOf(folders),
  }
}

function processorOf(stat: string): [busy: number, ticks: number] {
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, stolen = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ''
  )
    .split(' ')
    .map(Number)
  const busy = user + nice + system + irq + softirq + stolen
  return [busy, busy + idle + waiting]
}

function memoryOf(meminfo: string): Pick<HostReading, 'memory' | 'swap'> {
  const bytes = (key: string) =>
    Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * 1024
  const [total, available, swap] = [bytes('MemTotal'), bytes('MemAvailable'), bytes('SwapTotal')]
  return {
    memory: { total, available, used: total - available },
    swap: { total: swap, used: swap - bytes('SwapFree') },
  }
}

function networkOf(dev: string): Pick<HostReading, 'networkIn' | 'networkOut'> {
  const sums = { networkIn: 0, networkOut: 0 }
  for (const line of dev.split('\n')) {
    const [, name, rest = ''] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined || VIRTUAL.test(name)) continue
    const columns = rest.trim().split(/\s+/).map(Number)
    sums.networkIn += columns[0] ?? 0
    sums.networkOut += columns[8] ?? 0
  }
  return sums
}

function devicesOf(diskstats: string): Pick<HostReading, 'diskRead' | 'diskWrite'> {
  const sums = { diskRead: 0, diskWrite: 0 }
  for (const line of diskstats.split('\n')) {
    const columns = line.trim().split(/\s+/)
    if (!WHOLE.test(columns[2] ?? '')) continue
    sums.diskRead += Number(columns[5]) * SECTOR
    sums.diskWrite += Number(columns[9]) * SECTOR
  }
  return sums
}

/** One for each file system behind the folders that are there. */
function disksOf(folders: readonly string[]): Disk[] {
  const found = new Map<number, Disk>()
  for (const path of folders) {
    const device = statSync(path, { throwIfNoEntry: false })?.dev
    if (device === undefined || found.has(device)) continue
    const { blocks, bfree, bavail, bsize } = statfsSync(path)
    found.set(device, { path, total: blocks * bsize, used: (blocks - bfree) * bsize, free: bavail * bsize })
  }
  return [...found.values()]
}

/**
 * Figures of one container from the kernel's own files: cheaper than the engine's stats call (which costs seconds at
 * scale, and answers zeros where engine and kernel do not match). Layouts: cgroup v1 and v2, kernel documentation.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stats } from './container.ts'

const ROOT = '/sys/fs/cgroup'
const UNLIMITED = 2 ** 60

export type Reading = Omit<Stats, 'cpu'> & { cpuNanoseconds: number }

/** `pid` is the container's first process, as the host sees it. */
export function readCgroup(pid: number, root = ROOT, proc = '/proc'): Reading {
  const paths = cgroupPaths(read(join(proc, String(pid), 'cgroup')))
  const unified = paths.get('')
  const net = networkTotals(read(join(proc, String(pid), 'net/dev')))
  const figures =
    paths.has('memory') || unified === undefined ? legacy(paths, root) : modern(join(root, unified))
  return { ...figures, ...net }
}

/** controller -> path; the unified hierarchy has the empty controller. */
export function cgroupPaths(text: string): Map<string, string> {
  const paths = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (path === undefined) continue
    for (const controller of (controllers ?? '').split(',')) paths.set(controller, path)
  }
  return paths
}

type Figures = Omit<Reading, 'networkIn' | 'networkOut'>

function modern(dir: string): Figures {
  const memory = pairs(read(join(dir, 'memory.stat')))
  const io = read(join(dir, 'io.stat'))
  const sum = (key: string) =>
    [...io.matchAll(new RegExp(`${key}=(\\d+)`, 'g'))].reduce((all, match) => all + Number(match[1]), 0)
  return {
    cpuNanoseconds: (pairs(read(join(dir, 'cpu.stat'))).get('usage_usec') ?? 0) * 1000,
    memory: Math.max(0, number(read(join(dir, 'memory.current'))) - (memory.get('inactive_file') ?? 0)),
    memoryLimit: limitOf(read(join(dir, 'memory.max'))),
    blockRead: sum('rbytes'),
    blockWrite: sum('wbytes'),
    pids: number(read(join(dir, 'pids.current'))),
  }
}

function legacy(paths: ReadonlyMap<string, string>, root: string): Figures {
  const file = (controller: string, name: string) =>
    read(join(root, controller, paths.get(controller) ?? '', name))
  const blocks = file('blkio', 'blkio.throttle.io_service_bytes_recursive')
  const sum = (key: string) =>
    [...blocks.matchAll(new RegExp(`^\\S+ ${key} (\\d+)$`, 'gm'))].reduce(
      (all, match) => all + Number(match[1]),
      0,
    )
  const inactive = pairs(file('memory', 'memory.stat')).get('total_inactive_file') ?? 0
  return {
    cpuNanoseconds: number(file('cpuacct', 'cpuacct.usage')),
    memory: Math.max(0, number(file('memory', 'memory.usage_in_bytes')) - inactive),
    memoryLimit: limitOf(file('memory', 'memory.limit_in_bytes')),
    blockRead: sum('Read'),
    blockWrite: sum('Write'),
    pids: number(file('pids', 'pids.current')),
  }
}

/** Bytes in and out over every interface but the loopback. */
export function networkTotals(text: string): { networkIn: number; networkOut: number } {
  const totals = { networkIn: 0, networkOut: 0 }
  for (const line of text.split('\n')) {
    const [, name, rest] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? []
    if (!name || name === 'lo') continue
    const columns = (rest ?? '').trim().split(/\s+/).map(Number)
    totals.networkIn += columns[0] ?? 0
    totals.networkOut += columns[8] ?? 0
  }
  return totals
}

const pairs = (text: string) =>
  new Map(text.split('\n').map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])] as const))
const number = (text: string) => Number(text.trim()) || 0
/** 0 = no limit, as in `Container`. */
const limitOf = (text: string) => (number(text) > UNLIMITED ? 0 : number(text))

/** A file that the kernel does not offer counts as empty. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

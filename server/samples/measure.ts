/** From two readings of counters to figures per second. Pure. */
import type { Reading } from '../docker/cgroup.ts'
import type { HostReading } from './host-reading.ts'
import type { ContainerMetric, HostMetric } from './sample.ts'

export interface At<Value> {
  ms: number
  value: Value
}

/** NaN for a counter that went back: another process counts from zero. */
const perSecond = (before: number, now: number, ms: number): number =>
  now < before || ms <= 0 ? Number.NaN : ((now - before) * 1000) / ms

export function containerFigures(
  before: At<Reading> | undefined,
  { ms, value }: At<Reading>,
  { hostNetwork }: { hostNetwork: boolean },
): Record<ContainerMetric, number> {
  const rate = (key: 'cpuNanoseconds' | 'networkIn' | 'networkOut' | 'blockRead' | 'blockWrite') =>
    before ? perSecond(before.value[key], value[key], ms - before.ms) : Number.NaN
  return {
    cpu: rate('cpuNanoseconds') / 1e7,
    memory: value.memory,
    // the whole host's, which is told where it belongs
    network_in: hostNetwork ? Number.NaN : rate('networkIn'),
    network_out: hostNetwork ? Number.NaN : rate('networkOut'),
    disk_read: rate('blockRead'),
    disk_write: rate('blockWrite'),
    pids: value.pids,
  }
}

export function hostFigures(
  before: At<HostReading> | undefined,
  { ms, value }: At<HostReading>,
): Record<Exclude<HostMetric, 'disk_used'>, number> {
  const rate = (key: 'networkIn' | 'networkOut' | 'diskRead' | 'diskWrite') =>
    before ? perSecond(before.value[key], value[key], ms - before.ms) : Number.NaN
  const ticks = before ? value.ticks - before.value.ticks : 0
  return {
    cpu: before && ticks > 0 ? ((value.busy - before.value.busy) / ticks) * 100 : Number.NaN,
    load: value.load[0],
    memory: value.memory.used,
    network_in: rate('networkIn'),
    network_out: rate('networkOut'),
    disk_read: rate('diskRead'),
    disk_write: rate('diskWrite'),
  }
}

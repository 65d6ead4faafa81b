/** CPU is a difference: each reading is measured against the one before, kept per container for a minute. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readCgroup, type Reading } from './cgroup.ts'
import type { Stats } from './container.ts'

interface Sample {
  at: number
  cpuNanoseconds: number
}
const FRESH_MS = 60_000
const FIRST_SPAN_MS = 300

export function createSampler() {
  const samples = new Map<string, Sample>()
  return async (id: string, pid: number): Promise<Stats> => {
    const take = () => ({ reading: readCgroup(pid), at: Date.now() })
    for (const [key, { at }] of samples) if (Date.now() - at > FRESH_MS) samples.delete(key)
    let before = samples.get(id)
    if (!before) {
      const { reading, at } = take()
      before = { at, cpuNanoseconds: reading.cpuNanoseconds }
      await sleep(FIRST_SPAN_MS)
    }
    const { reading, at } = take()
    samples.set(id, { at, cpuNanoseconds: reading.cpuNanoseconds })
    return toStats(reading, before, at)
  }
}

function toStats({ cpuNanoseconds, ...figures }: Reading, before: Sample, at: number): Stats {
  const busy = Math.max(0, cpuNanoseconds - before.cpuNanoseconds) / 1e6
  return { cpu: (busy / Math.max(1, at - before.at)) * 100, ...figures }
}

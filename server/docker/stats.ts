/** CPU is a difference: each sample is measured against the one before, kept per container for a minute. */
import type Docker from 'dockerode'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stats } from './container.ts'

type Sample = { at: number; cpu: number }
const FRESH_MS = 60_000

export function createSampler() {
  const samples = new Map<string, Sample>()
  return async (container: Docker.Container): Promise<Stats> => {
    const sample = async () => {
      const raw = await container.stats({ stream: false, 'one-shot': true })
      return { raw, at: Date.now(), cpu: raw.cpu_stats?.cpu_usage?.total_usage ?? 0 }
    }
    for (const [id, { at }] of samples) if (Date.now() - at > FRESH_MS) samples.delete(id)
    let before = samples.get(container.id)
    if (!before) {
      before = await sample()
      await sleep(300)
    }
    const now = await sample()
    samples.set(container.id, { at: now.at, cpu: now.cpu })
    return toStats(now.raw, before, now)
  }
}

function toStats(raw: Docker.ContainerStats, before: Sample, now: Sample): Stats {
  const memory = raw.memory_stats ?? {}
  const detail = (memory.stats ?? {}) as unknown as Record<string, number>
  const cache = detail['total_inactive_file'] ?? detail['inactive_file'] ?? 0
  const networks = Object.values(raw.networks ?? {})
  const blocks = raw.blkio_stats?.io_service_bytes_recursive ?? []
  const sumBlocks = (op: string) =>
    blocks.filter((block) => block.op.toLowerCase() === op).reduce((sum, block) => sum + block.value, 0)
  return {
    cpu: Math.max(0, (now.cpu - before.cpu) / 1e6 / Math.max(1, now.at - before.at)) * 100,
    memory: Math.max(0, (memory.usage ?? 0) - cache),
    memoryLimit: memory.limit ?? 0,
    networkIn: networks.reduce((sum, network) => sum + network.rx_bytes, 0),
    networkOut: networks.reduce((sum, network) => sum + network.tx_bytes, 0),
    blockRead: sumBlocks('read'),
    blockWrite: sumBlocks('write'),
    pids: raw.pids_stats?.current ?? 0,
  }
}

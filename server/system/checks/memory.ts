import type { Check } from '../doctor.ts'
import type { HostFacts } from '../host.ts'

const MIB = 1024 ** 2

export interface MemoryDeps {
  facts: () => Promise<HostFacts>
  /** The chosen minions with what their templates ask for, in MiB. */
  wanted: () => Promise<{ name: string; running: boolean; memory: number }[]>
}

export const memoryCheck = ({ facts, wanted }: MemoryDeps): Check => ({
  id: 'memory',
  title: 'Memory',
  run: async () => {
    const { memory } = await facts()
    const running = (await wanted()).filter((minion) => minion.running)
    const sum = running.reduce((total, minion) => total + minion.memory, 0)
    const total = Math.floor(memory.total / MIB)
    const swap = Math.floor(memory.swap / MIB)
    const detail = `${running.length} minion${running.length === 1 ? '' : 's'} may take ${sum} MiB; this server has ${total} MiB${swap > 0 ? ` and ${swap} MiB swap` : ''}.`
    if (sum <= total) return { state: 'ok', detail }
    const [largest] = running.sort((a, b) => b.memory - a.memory)
    return {
      state: sum <= total + swap ? 'warn' : 'fail',
      detail,
      hint: `Stop a minion (the largest is ${largest?.name ?? ''} with ${largest?.memory ?? 0} MiB), add memory, or add swap.`,
    }
  },
})

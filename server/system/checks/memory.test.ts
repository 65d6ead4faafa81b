import t from 'tap'
import { memoryCheck } from './memory.ts'

const MIB = 1024 ** 2
const check = (total: number, swap: number, ...wanted: [name: string, memory: number, running?: boolean][]) =>
  memoryCheck({
    facts: async () => ({
      system: 'x',
      kernel: 'x',
      memory: { total: total * MIB, available: 0, swap: swap * MIB },
    }),
    wanted: async () => wanted.map(([name, memory, running = true]) => ({ name, memory, running })),
  }).run()

t.test('good: it fits; what is stopped does not count', async (t) => {
  t.match(await check(2048, 0, ['a', 1024], ['b', 1024]), {
    state: 'ok',
    detail: /2 minions may take 2048 MiB/u,
  })
  t.match(await check(2048, 0, ['a', 1024], ['gitlab', 4096, false]), { state: 'ok' })
})
t.test('bad: only with swap, or not at all', async (t) => {
  t.match(await check(2048, 1024, ['a', 1024], ['b', 1500]), {
    state: 'warn',
    hint: /the largest is b with 1500 MiB/u,
  })
  t.match(await check(2048, 0, ['gitlab', 4096]), { state: 'fail' })
})

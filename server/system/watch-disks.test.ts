import t from 'tap'
import type { OwnEvent } from '../events/event.ts'
import { createDiskWatch } from './watch-disks.ts'

t.test('a full disk is told once, and once that it has room', async (t) => {
  const told: string[] = []
  const used = { a: 50, b: 50 }
  const watch = createDiskWatch({
    events: {
      append: (event: OwnEvent) => {
        told.push(`${event.type} ${event.title}`)
        return { id: 1, at: '', source: 'summoner', severity: 'info', data: {}, ...event }
      },
    },
    paths: () => ['/a', '/a/inside', '/b'],
    space: async (path) => {
      const device = path === '/b' ? 2 : 1
      return { device, total: 1000, free: 1000 - 10 * (device === 2 ? used.b : used.a) }
    },
  })
  for (const now of [89.9, 90, 95, 86, 91, 84.9, 90.2]) {
    used.a = now
    await watch()
  }
  t.same(told, [
    'disk.low The disk of /a is 90 % full',
    'disk.recovered The disk of /a is 84 % full',
    'disk.low The disk of /a is 90 % full',
  ])
  used.b = 99
  await watch()
  t.equal(told.at(-1), 'disk.low The disk of /b is 99 % full')
})

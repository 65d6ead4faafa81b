import t from 'tap'
import { diskCheck } from './disk.ts'

const GIB = 1024 ** 3
const space = (free: number, device = 1, freeInodes = 50) => ({
  total: 100 * GIB,
  free: free * GIB,
  inodes: 100,
  freeInodes,
  device,
})
const check = (folders: Record<string, ReturnType<typeof space>>) =>
  diskCheck({
    files: {
      space: async (path) => {
        const found = folders[path]
        if (!found) throw new Error('ENOENT')
        return found
      },
    },
    folders: async () => ['/missing', ...Object.keys(folders)],
  }).run()

t.test('good: room everywhere; one file system is one line', async (t) => {
  const found = await check({ '/data': space(40), '/db': space(40), '/docker': space(20, 2) })
  t.match(found, {
    state: 'ok',
    detail: '40.0 of 100.0 GiB free at /data\n20.0 of 100.0 GiB free at /docker',
  })
  t.match(await check({}), { state: 'skip' })
})
t.test('good: a file system without inodes to count', async (t) => {
  t.match(await check({ '/data': { ...space(40), inodes: 0, freeInodes: 0 } }), { state: 'ok' })
})
t.test('bad: little, nearly nothing, no inodes', async (t) => {
  t.match(await check({ '/data': space(4) }), { state: 'warn', hint: /docker system df/u })
  t.match(await check({ '/data': space(40), '/docker': space(0.5, 2) }), { state: 'fail' })
  t.match(await check({ '/data': space(40, 1, 2) }), { state: 'warn', detail: /inodes/u })
  t.match(await check({ '/data': space(40, 1, 0) }), { state: 'fail' })
})

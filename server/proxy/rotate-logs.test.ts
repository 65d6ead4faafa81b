import t from 'tap'
import { readFileSync, readdirSync } from 'node:fs'
import { rotateLogs } from './rotate-logs.ts'

t.test('large logs move on, the oldest goes, small ones wait', async (t) => {
  const dir = t.testdir({
    'a.log': 'newest',
    'a.log.1': 'older',
    'a.log.2': 'oldest',
    'b.log': 'x',
    'notes.txt': 'kept as it is',
  })
  let told = 0
  const rotated = await rotateLogs({ dir, keep: 2, minBytes: 3, reopen: async () => void told++ })
  t.same(rotated, ['a.log'])
  t.equal(told, 1)
  t.same(readdirSync(dir).sort(), ['a.log.1', 'a.log.2', 'b.log', 'notes.txt'])
  t.equal(readFileSync(`${dir}/a.log.1`, 'utf8'), 'newest')
  t.equal(readFileSync(`${dir}/a.log.2`, 'utf8'), 'older')
})

t.test('nothing to rotate leaves nginx alone', async (t) => {
  const reopen = async () => void t.fail('not told')
  t.same(await rotateLogs({ dir: t.testdir({ 'a.log': '' }), reopen }), [])
  t.same(await rotateLogs({ dir: '/nowhere', reopen }), [])
})

import t from 'tap'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleApplied } from '../../test/samples.ts'
import {
  beginChange,
  endChange,
  listApplied,
  readApplied,
  readInFlight,
  removeApplied,
  sweepRecords,
  writeApplied,
} from './applied.ts'

t.test('a record is written, listed and removed', async (t) => {
  const dir = join(t.testdir(), 'records')
  t.equal(readApplied(dir, 'blog'), undefined)
  t.equal(listApplied(dir).size, 0)
  writeApplied(dir, 'blog', sampleApplied())
  t.same(readApplied(dir, 'blog'), sampleApplied())
  t.same([...listApplied(dir).keys()], ['blog'])
  removeApplied(dir, 'blog')
  t.equal(listApplied(dir).size, 0)
})

t.test('a change in flight remembers what was before the first attempt', async (t) => {
  const dir = t.testdir()
  writeApplied(dir, 'blog', sampleApplied({ hash: 'before' }))
  t.equal(beginChange(dir, 'blog')?.hash, 'before')
  writeApplied(dir, 'blog', sampleApplied({ hash: 'half-way' }))
  t.equal(beginChange(dir, 'blog')?.hash, 'before', 'a job that begins again after a crash')
  endChange(dir, 'blog')
  t.equal(readInFlight(dir, 'blog'), undefined)
  t.equal(beginChange(dir, 'shop'), undefined, 'nothing was before a first summon')
  t.same(readInFlight(dir, 'shop'), { before: null })
})

t.test('damage and leftovers are no obstacle', async (t) => {
  const dir = t.testdir({ 'blog.applied.json': '{"half', 'blog.applied.json.1.tmp': '' })
  t.equal(readApplied(dir, 'blog'), undefined)
  sweepRecords(dir)
  t.same(readdirSync(dir), ['blog.applied.json'])
  writeFileSync(join(dir, 'notes.txt'), '')
  t.equal(listApplied(dir).size, 0)
})

import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobChange } from '../jobs/job.ts'
import { createGiveBack } from './give-back.ts'

t.test('once when it is quiet, again after more work, never after the end', async (t) => {
  const listeners = new Set<(change: JobChange) => void>()
  const jobs = {
    subscribe(listener: (change: JobChange) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const work = () => {
    for (const listener of listeners) listener({ type: 'log', jobId: 'a', seq: 0, line: '' })
  }
  let collected = 0
  const giveBack = createGiveBack({ jobs, collect: () => collected++, quietMs: 100 })
  work()
  t.equal(collected, 0)
  await sleep(300)
  t.equal(collected, 1)
  await sleep(150)
  t.equal(collected, 1)
  work()
  await sleep(300)
  t.equal(collected, 2)
  work()
  giveBack.stop()
  t.equal(listeners.size, 0)
  await sleep(150)
  t.equal(collected, 2)
})

t.test('room while many come, small again when they are gone', async (t) => {
  const done: string[] = []
  const giveBack = createGiveBack({
    jobs: { subscribe: () => () => {} },
    collect: () => void done.push('collected'),
    setFlags: (flag) => void done.push(flag),
    quietMs: 100,
  })
  giveBack.crowd()
  giveBack.crowd()
  t.same(done, ['--semi-space-growth-factor=2'])
  await sleep(300)
  t.same(done.slice(1), ['--semi-space-growth-factor=1', 'collected'])
  giveBack.crowd()
  t.equal(done.length, 4)
  giveBack.stop()
})

import t from 'tap'
import { startable, waiting } from './lanes.ts'

const job = (seq: number, minion?: string, more: { busy?: boolean; endedAt?: string } = {}) => ({
  busy: more.busy ?? false,
  record: { seq, ...(minion ? { minion } : {}), ...(more.endedAt ? { endedAt: more.endedAt } : {}) },
})
const start = (jobs: (ReturnType<typeof job> & { lane?: string })[], concurrency = 2) =>
  startable(jobs, concurrency).map(({ record }) => record.seq)

t.same(start([]), [])
t.same(start([job(1, 'a'), job(2, 'a'), job(3, 'b'), job(4, 'c'), job(5), job(6)]), [1, 3, 5])
t.same(start([job(2, 'a'), job(1, 'a')]), [1], 'oldest first, in whatever order they come')
t.same(start([job(1, 'a', { busy: true }), job(2, 'a'), job(3, 'b'), job(4, 'c')]), [3])
t.same(
  start([job(1, 'a', { busy: true }), job(2, 'b', { busy: true }), job(3, 'c'), job(4)]),
  [4],
  'the box beside',
)
t.same(start([job(1, undefined, { busy: true }), job(2), job(3, 'a'), job(4, 'b')]), [3, 4])
t.same(
  start([job(1, 'a', { endedAt: 'now' }), job(2, 'a')]),
  [2],
  'one that only waits for the disk holds nobody up',
)
t.same(start([job(1, 'a'), job(2)], 0), [2])
t.same(
  start([
    { ...job(1), lane: 'far', busy: true },
    { ...job(2), lane: 'far' },
    { ...job(3), lane: 'near' },
    job(4),
  ]),
  [3, 4],
  'lanes of a kind of its own',
)
t.equal(waiting([job(1, 'a', { busy: true }), job(2, 'a', { endedAt: 'now' })]).length, 0)

import t from 'tap'
import { pauseAfter, stateOf, wantedThere } from './destination.ts'

const set = (id: string, at: string, minion = 'web') => ({
  id,
  minion,
  at,
  startedAt: at,
  reason: 'schedule' as const,
})
const frame = { now: new Date('2026-03-10T00:00:00Z'), zone: 'UTC' }

t.test('longer pauses after each failure, an hour at most', async (t) => {
  t.same(
    [1, 2, 3, 4].map((tries) => pauseAfter(tries, 0.5)),
    [20_000, 40_000, 80_000, 160_000],
  )
  t.equal(pauseAfter(50, 0.5), 3_600_000)
  t.ok(pauseAfter(1, 0) < pauseAfter(1, 1), 'spread')
})

t.test('what is removed there is not copied again, and the newest is copied first', async (t) => {
  const sets = [
    set('web-1', '2026-03-01T02:00:00Z'),
    set('web-2', '2026-03-02T02:00:00Z'),
    set('web-3', '2026-03-03T02:00:00Z'),
    set('db-1', '2026-03-02T12:00:00Z', 'db'),
  ]
  const { keep, gone } = wantedThere(sets, () => ({ daily: 2 }), frame)
  t.same(keep, ['web-3', 'db-1', 'web-2'])
  t.match(gone, [{ set: 'web-1' }])
  t.same(wantedThere(sets, () => ({}), frame).gone, [], 'an empty policy removes nothing')
})

t.test('a failure outranks everything', async (t) => {
  t.equal(stateOf({}, 0), 'ok')
  t.equal(stateOf({}, 2), 'behind')
  t.equal(stateOf({ problem: 'full' }, 0), 'failed')
})

import t from 'tap'
import { judge, type Keep } from './retention.ts'
import type { BackupSet } from './set.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const frame = { now: NOW, zone: 'UTC' }
type Set = Parameters<typeof judge>[0][number]

const nightly = (days: number, change: (set: Set, day: number) => Set = (set) => set): Set[] =>
  Array.from({ length: days }, (_, day) => {
    const at = new Date(NOW.getTime() - day * 86_400_000 - 9 * 3_600_000).toISOString()
    return change({ id: `d${day}`, at, startedAt: at, reason: 'schedule' }, day)
  })
const proof = (passed: boolean): BackupSet['proof'] => ({ at: '', passed, checks: [] })
const kept = (sets: Set[], keep: Keep) =>
  judge(sets, keep, frame)
    .filter(({ keep }) => keep)
    .map(({ set }) => set)

t.test('days, weeks, months: the newest of each', (t) => {
  const all = nightly(120)
  const stay = kept(all, { daily: 7, weekly: 4, monthly: 3 })
  t.same(stay.slice(0, 7), ['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6'])
  // 2026-11-21 is a Saturday: the weeks before end on Sundays
  t.same(
    stay.slice(7),
    ['d13', 'd20', 'd21', 'd52'].filter((id) => stay.includes(id)),
  )
  const reasons = judge(all, { daily: 7, weekly: 4, monthly: 3 }, frame)
  t.same(reasons[0]?.reasons, [
    'daily 2026-11-21',
    'weekly 2026-W47',
    'monthly 2026-11',
    'the newest good set',
  ])
  t.match(reasons.find(({ keep }) => !keep)?.reasons, [/outside the policy; d0 is newer and good/])
  t.end()
})

t.test('last, hourly and yearly', (t) => {
  t.same(kept(nightly(10), { last: 3 }), ['d0', 'd1', 'd2'])
  t.equal(kept(nightly(800), { yearly: 3 }).length, 3)
  t.same(kept(nightly(3), { hourly: 2 }), ['d0', 'd1'])
  t.end()
})

t.test('nothing is kept by nothing: an empty policy removes nothing', (t) => {
  t.equal(kept(nightly(5), {}).length, 5)
  t.equal(kept(nightly(5), { daily: 0, last: 0 }).length, 5)
  t.end()
})

t.test('the last good set stays, and the newest proven one', (t) => {
  const bad = nightly(10, (set, day) => (day < 3 ? { ...set, proof: proof(false)! } : set))
  t.ok(kept(bad, { last: 1 }).includes('d3'), 'the newest that did not fail its proof')
  const proven = nightly(10, (set, day) => (day === 8 ? { ...set, proof: proof(true)! } : set))
  t.same(kept(proven, { last: 1 }), ['d0', 'd8'])
  const none = nightly(4, (set) => ({ ...set, proof: proof(false)! }))
  t.equal(kept(none, { last: 1 }).length, 4, 'where none is good none goes')
  t.end()
})

t.test('a set that failed its proof does not stand for its day', (t) => {
  const at = (hour: number, passed: boolean): Set => ({
    id: `h${hour}`,
    at: `2026-11-20T${String(hour).padStart(2, '0')}:00:00Z`,
    startedAt: '',
    reason: 'schedule',
    proof: proof(passed)!,
  })
  t.same(kept([at(3, true), at(15, false)], { daily: 1 }), ['h3'])
  t.end()
})

t.test('restore points stay for a week', (t) => {
  const points = nightly(12, (set, day) =>
    day === 5 || day === 11 ? { ...set, reason: 'restore-point' } : set,
  )
  t.same(kept(points, { last: 1 }), ['d0', 'd5'])
  t.end()
})

t.test('days are those of the box’s zone', (t) => {
  const sets: Set[] = ['2026-11-20T22:30:00Z', '2026-11-20T23:30:00Z'].map((at) => ({
    id: at,
    at,
    startedAt: at,
    reason: 'schedule',
  }))
  t.equal(judge(sets, { daily: 5 }, { now: NOW, zone: 'UTC' }).filter(({ keep }) => keep).length, 1)
  t.equal(judge(sets, { daily: 5 }, { now: NOW, zone: 'Europe/Paris' }).filter(({ keep }) => keep).length, 2)
  t.end()
})

t.test('whatever the policy and the proofs, a good set always stays', (t) => {
  let seed = 7
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
  for (let round = 0; round < 500; round++) {
    const sets = nightly(1 + random(40), (set) => {
      const dice = random(3)
      return dice === 0
        ? { ...set, proof: proof(false)! }
        : dice === 1
          ? { ...set, proof: proof(true)! }
          : set
    })
    const policy: Keep = { last: random(3), daily: random(4), weekly: random(3), monthly: random(2) }
    const stay = kept(sets, policy)
    const sound = sets.filter(({ proof }) => proof?.passed !== false).map(({ id }) => id)
    if (sound.length > 0 && !stay.includes(sound[0]!)) t.fail(`${JSON.stringify(policy)} lost ${sound[0]}`)
  }
  t.end()
})

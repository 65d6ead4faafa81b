import t from 'tap'
import { judge } from '../../../server/backups/retention.ts'
import { en } from '../i18n/en.ts'
import { keptKey } from './kept.ts'

t.test('every reason that the policy gives has words', async (t) => {
  const set = (day: number, more: object = {}) => ({
    id: `cloud-202601${String(day).padStart(2, '0')}-020000`,
    startedAt: `2026-01-${String(day).padStart(2, '0')}T02:00:00Z`,
    reason: 'schedule' as const,
    ...more,
  })
  const frame = { now: new Date('2026-01-20T12:00:00Z'), zone: 'UTC' }
  const proof = { at: '2026-01-18T03:00:00Z', passed: true, checks: [] }
  const sets = [set(3), set(10), set(18, { proof }), set(19, { reason: 'restore-point' }), set(20)]
  const keep = { last: 1, hourly: 1, daily: 2, weekly: 2, monthly: 1, yearly: 1 }
  const said = [
    ...judge(sets, keep, frame),
    ...judge(sets, { last: 1 }, frame),
    ...judge(sets, {}, frame),
    ...judge(
      [set(3, { proof: { ...proof, passed: false } }), set(4, { proof: { ...proof, passed: false } })],
      { last: 1 },
      frame,
    ),
  ].flatMap(({ reasons }) => reasons)
  const keys = new Set(said.map((reason) => keptKey(reason)?.key ?? `nothing for: ${reason}`))
  t.same(
    [...keys].filter((key) => !(key in en)),
    [],
  )
  t.ok(keys.size >= 9, [...keys].join(' '))
  t.same(keptKey('weekly 2026-W03'), { key: 'kept.weekly', values: { of: '2026-W03' } })
  t.equal(keptKey('because'), undefined)
})

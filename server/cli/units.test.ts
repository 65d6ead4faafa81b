import t from 'tap'
import { age, bytes, duration, parseDuration } from './units.ts'

t.test('figures for people', async (t) => {
  t.same([0, 420, 9_940, 9_960, 59_400, 60_000, 65_000, 3_600_000, 3_725_000].map(duration), [
    '0.0 s',
    '0.4 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 00 s',
    '1 min 05 s',
    '1 h 00 min',
    '1 h 02 min',
  ])
  t.same([0, 999, 1500, 123_456_789].map(bytes), ['0 B', '999 B', '1.5 kB', '123 MB'])
  const now = Date.parse('2026-01-02T00:00:00Z')
  t.equal(age('2026-01-01T23:59:30Z', now), '30 s ago')
  t.equal(age('2025-12-30T00:00:00Z', now), '3 d ago')
  t.equal(age('not a date', now), 'not a date')
})

t.test('durations people type', async (t) => {
  t.equal(parseDuration('10m'), 600_000)
  t.equal(parseDuration('2h30m'), 9_000_000)
  t.equal(parseDuration('90d'), 7_776_000_000)
  for (const wrong of ['', '10', 'm', '10 m', '-5m', '1y', '9999999s'])
    t.equal(parseDuration(wrong), undefined, wrong)
})

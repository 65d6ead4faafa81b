import t from 'tap'
import { parseCron } from './cron.ts'
import { dueSlot, inWindow, isAllowed, nextSlot, parseWindow, trustedLast } from './is-due.ts'
import { instantOf, wallOf } from './wall-clock.ts'

/** Walks through real time minute by minute, as the daemon's ticks do, and tells what ran at which instant. */
function walk(
  cron: string,
  zone: string,
  from: string,
  to: string,
  down: (at: Date) => boolean = () => false,
) {
  const parsed = parseCron(cron)
  const ran: string[] = []
  let last = wallOf(new Date(from), zone)
  for (let at = Date.parse(from); at <= Date.parse(to); at += 60_000) {
    const now = new Date(at)
    if (down(now)) continue
    const slot = dueSlot(parsed, trustedLast(last, wallOf(now, zone)), wallOf(now, zone))
    if (slot === undefined) continue
    last = slot
    ran.push(`${slot} at ${now.toISOString().slice(0, 16)}`)
  }
  return ran
}

t.test('every night, once', (t) => {
  t.same(walk('30 2 * * *', 'Europe/Paris', '2026-01-10T00:00Z', '2026-01-12T12:00Z'), [
    '2026-01-10T02:30 at 2026-01-10T01:30',
    '2026-01-11T02:30 at 2026-01-11T01:30',
    '2026-01-12T02:30 at 2026-01-12T01:30',
  ])
  t.end()
})

t.test('a minute inside the gap of spring runs right after it', (t) => {
  t.same(walk('30 2 * * *', 'Europe/Paris', '2026-03-28T12:00Z', '2026-03-30T12:00Z'), [
    '2026-03-29T02:30 at 2026-03-29T01:00',
    '2026-03-30T02:30 at 2026-03-30T00:30',
  ])
  t.end()
})

t.test('a minute that autumn shows twice runs once', (t) => {
  t.same(walk('30 2 * * *', 'Europe/Paris', '2026-10-24T12:00Z', '2026-10-26T12:00Z'), [
    '2026-10-25T02:30 at 2026-10-25T00:30',
    '2026-10-26T02:30 at 2026-10-26T01:30',
  ])
  t.equal(
    walk('*/15 * * * *', 'Europe/Paris', '2026-10-24T22:00Z', '2026-10-25T22:59Z').length,
    24 * 4 - 1,
    'as many as the wall clock names minutes; the first is the one it began at',
  )
  t.end()
})

t.test('a night that the daemon slept through runs at its start, once', (t) => {
  const down = (at: Date) => at > new Date('2026-01-10T20:00Z') && at < new Date('2026-01-13T09:17Z')
  t.same(walk('30 2 * * *', 'UTC', '2026-01-10T12:00Z', '2026-01-14T00:00Z', down), [
    '2026-01-13T02:30 at 2026-01-13T09:17',
  ])
  t.end()
})

t.test('a clock that was ahead and is right again', (t) => {
  const cron = parseCron('0 2 * * *')
  t.equal(dueSlot(cron, '2026-01-10T02:00', '2026-01-10T01:30'), undefined, 'set back by an hour: not twice')
  t.equal(dueSlot(cron, trustedLast('2027-06-01T02:00', '2026-01-10T01:30'), '2026-01-10T01:30'), undefined)
  t.equal(
    dueSlot(cron, trustedLast('2026-01-10T01:30', '2026-01-10T02:00'), '2026-01-10T02:00'),
    '2026-01-10T02:00',
  )
  t.equal(trustedLast('2026-01-10T23:00', '2026-01-10T01:00'), '2026-01-10T23:00', 'a few hours are trusted')
  t.end()
})

t.test('the next slot', (t) => {
  const next = (cron: string, now = '2026-01-31T12:00') => nextSlot(parseCron(cron), now)
  t.equal(next('0 3 * * 0'), '2026-02-01T03:00')
  t.equal(next('0 3 29 2 *'), '2028-02-29T03:00')
  t.equal(next('0 3 30 2 *'), undefined)
  t.equal(next('0 12 * * *'), '2026-02-01T12:00', 'not the present minute')
  t.equal(next('0 3 L * *'), '2026-02-28T03:00')
  t.equal(next('0 3 * * 5L'), '2026-02-27T03:00')
  t.equal(next('0 3 * * tue#2'), '2026-02-10T03:00')
  t.equal(next('0 3 13 * 5'), '2026-02-06T03:00', 'two kinds of days: either')
  t.equal(next('*/20 22-23 * feb mon-wed'), '2026-02-02T22:00')
  t.equal(next('0 3 * * 7'), '2026-02-01T03:00', 'Sunday is 0 and 7')
  t.end()
})

t.test('what cannot be read is refused with the field', (t) => {
  for (const [cron, message] of [
    ['0 3 * *', /five fields/],
    ['60 3 * * *', /"60" is no minute/],
    ['0 24 * * *', /"24" is no hour/],
    ['0 3 0 * *', /"0" is no day/],
    ['0 3 * dev *', /"dev" is no month/],
    ['0 3 * * 8', /"8" is no day of the week/],
    ['0 3 * * 5-2', /"5-2" fits no/],
    ['*/0 3 * * *', /"\*\/0" fits no minute/],
    ['0 3,, * * *', /cannot be read as hour/],
  ] as const)
    t.throws(() => parseCron(cron), { code: 'input.invalid', message }, cron)
  t.end()
})

t.test('instants of wall clocks', (t) => {
  t.equal(instantOf('2026-01-10T02:30', 'Europe/Paris').toISOString(), '2026-01-10T01:30:00.000Z')
  t.equal(
    instantOf('2026-03-29T02:30', 'Europe/Paris').toISOString(),
    '2026-03-29T01:00:00.000Z',
    'in the gap',
  )
  t.equal(
    instantOf('2026-10-25T02:30', 'Europe/Paris').toISOString(),
    '2026-10-25T00:30:00.000Z',
    'the first of two',
  )
  t.equal(instantOf('2026-01-10T02:30', 'Pacific/Kiritimati').toISOString(), '2026-01-09T12:30:00.000Z')
  t.equal(instantOf('2026-01-10T02:30', 'America/St_Johns').toISOString(), '2026-01-10T06:00:00.000Z')
  t.end()
})

t.test('windows and quiet hours', (t) => {
  const night = parseWindow('22:00-06:00')
  const at = (time: string) => `2026-01-10T${time}`
  t.same(
    ['21:59', '22:00', '03:00', '05:59', '06:00'].map((time) => inWindow(night, at(time))),
    [false, true, true, true, false],
  )
  const office = { quiet: [parseWindow('08:00-18:00')], windows: [night] }
  t.same(
    ['23:00', '07:00', '12:00'].map((time) => isAllowed(at(time), office)),
    [true, false, false],
  )
  t.equal(isAllowed(at('12:00'), { quiet: [], windows: [] }), true)
  t.end()
})

import t, { type Test } from 'tap'
import { join } from 'node:path'
import { openDatabase } from '../db/open-database.ts'
import { createSchedules } from './create-schedules.ts'
import type { Hours, Schedule } from './schedule.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {} }

function setUp(t: Test, schedule: Partial<Schedule> = {}, hours: Partial<Hours> = {}) {
  const file = join(t.testdir(), 'x.db')
  let at = new Date('2026-01-10T12:00:00Z')
  const ran: string[] = []
  const missed: string[] = []
  const errors: unknown[] = []
  const one: Schedule = {
    key: 'cold:cloud',
    title: 'cold backup of cloud',
    cron: '0 3 * * *',
    run: () => void ran.push(at.toISOString().slice(0, 16)),
    missed: (slot) => void missed.push(slot),
    ...schedule,
  }
  const when: Hours = { zone: 'UTC', quiet: [], windows: [], jitter: 0, ...hours }
  const open = () => {
    const { db } = openDatabase({ file, log: silent })
    const made = createSchedules({
      db,
      now: () => at,
      hours: () => when,
      schedules: () => [one],
      onError: (error) => void errors.push(error),
    })
    return { ...made, close: () => db.close() }
  }
  let daemon = open()
  t.teardown(() => daemon.close())
  const tickAt = (time: string) => {
    at = new Date(time)
    daemon.tick()
  }
  const restart = () => {
    daemon.close()
    daemon = open()
  }
  return { one, ran, missed, errors, tickAt, restart, list: () => daemon.list() }
}

t.test('a new schedule waits for its minute, then runs once a slot, across restarts', (t) => {
  const { ran, missed, tickAt, restart } = setUp(t)
  tickAt('2026-01-10T12:00:00Z')
  t.same(ran, [], 'not for the night before it was there')
  tickAt('2026-01-11T03:00:20Z')
  tickAt('2026-01-11T03:01:20Z')
  restart()
  tickAt('2026-01-11T03:02:20Z')
  t.same(ran, ['2026-01-11T03:00'])
  t.same(missed, [])
  t.end()
})

t.test('a night that was missed runs at the start, and is told', (t) => {
  const { ran, missed, tickAt, restart } = setUp(t)
  tickAt('2026-01-10T12:00:00Z')
  restart()
  tickAt('2026-01-13T09:17:00Z')
  t.same(ran, ['2026-01-13T09:17'])
  t.same(missed, ['2026-01-13T03:00'])
  t.end()
})

t.test('a changed schedule does not run for a minute that is over', (t) => {
  const { one, ran, tickAt } = setUp(t)
  tickAt('2026-01-10T12:00:00Z')
  one.cron = '0 11 * * *'
  tickAt('2026-01-10T12:30:00Z')
  tickAt('2026-01-10T12:31:00Z')
  t.same(ran, [])
  tickAt('2026-01-11T11:00:00Z')
  t.same(ran, ['2026-01-11T11:00'])
  t.end()
})

t.test('quiet hours hold it back without losing it; upkeep is not held', (t) => {
  const held = setUp(t, {}, { quiet: ['02:00-05:00'] })
  held.tickAt('2026-01-10T12:00:00Z')
  held.tickAt('2026-01-11T03:00:00Z')
  t.same(held.ran, [])
  t.equal(held.list()[0]?.waiting, true)
  held.tickAt('2026-01-11T05:00:00Z')
  t.same(held.ran, ['2026-01-11T05:00'])
  t.same(held.missed, [], 'it was held, not missed')
  const upkeep = setUp(t, { always: true }, { quiet: ['02:00-05:00'] })
  upkeep.tickAt('2026-01-10T12:00:00Z')
  upkeep.tickAt('2026-01-11T03:00:00Z')
  t.same(upkeep.ran, ['2026-01-11T03:00'])
  t.end()
})

t.test('jitter delays, the same way every time', (t) => {
  const { ran, tickAt } = setUp(t, {}, { jitter: 30 })
  tickAt('2026-01-10T12:00:00Z')
  for (let minute = 0; minute < 31; minute++) tickAt(`2026-01-11T03:${String(minute).padStart(2, '0')}:00Z`)
  t.equal(ran.length, 1)
  t.match(ran[0], /T03:[012]\d/)
  t.end()
})

t.test('off and nonsense run never; one that throws does not stop the others', (t) => {
  for (const cron of ['off', 'not a cron']) {
    const { ran, tickAt, list } = setUp(t, { cron })
    tickAt('2026-01-10T12:00:00Z')
    tickAt('2026-01-12T12:00:00Z')
    t.same(ran, [])
    t.equal(list()[0]?.next, undefined)
  }
  const broken = setUp(t, {
    run: () => {
      throw new Error('no')
    },
  })
  broken.tickAt('2026-01-10T12:00:00Z')
  broken.tickAt('2026-01-11T03:00:00Z')
  t.equal(broken.errors.length, 1)
  broken.tickAt('2026-01-11T03:01:00Z')
  t.equal(broken.errors.length, 2, 'what was not carried out is tried again')
  t.end()
})

t.test('the list tells what comes', (t) => {
  const { tickAt, list } = setUp(t)
  tickAt('2026-01-10T12:00:00Z')
  t.match(list(), [{ key: 'cold:cloud', next: '2026-01-11T03:00:00.000Z', waiting: false }])
  tickAt('2026-01-11T03:00:00Z')
  t.match(list(), [
    { last: '2026-01-11T03:00', ranAt: '2026-01-11T03:00:00.000Z', next: '2026-01-12T03:00:00.000Z' },
  ])
  t.end()
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase } from '../db/open-database.ts'
import { fullAt } from './forecast.ts'
import { createSampleStore } from './sample-store.ts'
import { LEVELS } from './sample.ts'
import { meanOf, shown, slotAt, thinned } from './slots.ts'

const NOON = Date.parse('2026-03-01T12:00:00.000Z')

function open(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'summoner-samples-'))
  const { db } = openDatabase({ file: join(folder, 'box.db'), log: { info() {}, error() {} } })
  t.teardown(() => {
    db.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const store = createSampleStore(db)
  /** Ten-second values from an instant on. */
  const put = (id: number, from: number, values: readonly number[]) =>
    store.write(new Map([[id, new Map(values.map((value, index) => [slotAt(from, 10) + index, value]))]]))
  const level = (id: number, number: 0 | 1 | 2 | 3, from: number, count: number) => {
    const first = slotAt(from, LEVELS[number].step)
    return store.read(id, number, first, first + count - 1)
  }
  return { db, store, put, level }
}

t.test('each level is the mean of the finer one, also when it comes in pieces', async (t) => {
  const { store, put, level } = open(t)
  const [id = 0] = store.series([{ subject: 'host', name: '', metric: 'cpu' }])
  t.same(store.series([{ subject: 'host', name: '', metric: 'cpu' }]), [id], 'one series')
  const minute = (index: number) => NOON + index * 60_000
  for (let index = 0; index < 60; index++) {
    put(id, minute(index), [index, index, index])
    put(id, minute(index) + 30_000, [index, index, index + 6])
  }
  t.same(level(id, 0, NOON, 7), [0, 0, 0, 0, 0, 6, 1])
  t.same(level(id, 1, NOON, 3), [1, 2, 3], 'a minute: the mean of six')
  t.same(level(id, 2, NOON, 6), [5.5, 15.5, 25.5, 35.5, 45.5, 55.5])
  t.same(level(id, 3, NOON, 2), [30.5, Number.NaN])
})

t.test('what was not measured is nothing, not zero', async (t) => {
  const { store, put, level } = open(t)
  const [id = 0] = store.series([{ subject: 'minion:cloud', name: 'app', metric: 'memory' }])
  put(id, NOON, [10])
  put(id, NOON + 5 * 60_000, [30, Number.NaN, 50])
  t.same(level(id, 1, NOON, 6), [10, ...Array.from({ length: 4 }, () => Number.NaN), 40])
  t.same(level(id, 2, NOON, 1), [25])
  t.same(level(id, 0, NOON - 60_000, 3), [Number.NaN, Number.NaN, Number.NaN])
})

t.test('rings overwrite nothing too early, and drop what they have overtaken', async (t) => {
  const { db, store, put, level } = open(t)
  const [id = 0] = store.series([{ subject: 'host', name: '', metric: 'load' }])
  const [gone = 0] = store.series([{ subject: 'minion:old', name: 'app', metric: 'cpu' }])
  put(id, NOON, [1])
  put(gone, NOON, [1])
  const blocks = () => db.prepare('SELECT count(*) FROM sample_blocks').pluck().get()
  t.equal(blocks(), 8)
  const HOUR = 3_600_000
  store.trim(NOON + HOUR)
  t.same(level(id, 0, NOON, 1), [1], 'an hour old is kept')
  store.trim(NOON + 2 * HOUR)
  t.same(level(id, 0, NOON, 1), [Number.NaN])
  t.same(level(id, 1, NOON, 1), [1])
  store.trim(NOON + 40 * 24 * HOUR)
  t.same(level(id, 2, NOON, 1), [Number.NaN])
  t.same(level(id, 3, NOON, 1), [1])
  put(id, NOON + 800 * 24 * HOUR, [5])
  store.trim(NOON + 800 * 24 * HOUR)
  t.same(level(id, 3, NOON, 1), [Number.NaN])
  t.same(store.find('minion:old', 'cpu'), [], 'a series without figures is forgotten')
  t.equal(store.find('host', 'load').length, 1)
})

t.test('many become few', async (t) => {
  t.same(thinned([1, 2, 3], 3), { values: [1, 2, 3], by: 1 })
  t.same(thinned([1, 2, 3, 4, 5], 3), { values: [1, 2.5, 4.5], by: 2 })
  t.same(thinned([Number.NaN, 4, Number.NaN, Number.NaN], 2).values, [4, Number.NaN])
  t.ok(Number.isNaN(meanOf([])))
  t.equal(shown(123_456_789), 123_460_000)
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) t.equal(shown(odd), null)
})

t.test('when the disk will be full', async (t) => {
  const GIB = 1024 ** 3
  const growing = Array.from({ length: 168 }, (_, hour) => hour * GIB)
  t.equal(fullAt(growing, 24 * GIB, NOON), NOON + 24 * 3_600_000)
  const noisy = growing.map((value, hour) => value + (hour % 2 === 0 ? GIB : -GIB))
  const guess = fullAt(noisy, 240 * GIB, NOON) ?? 0
  t.ok(Math.abs(guess - NOON - 240 * 3_600_000) < 3_600_000 * 5)
  t.equal(fullAt(growing.slice(0, 23), GIB, NOON), undefined, 'a day at least')
  t.equal(
    fullAt(
      growing.map(() => 7),
      GIB,
      NOON,
    ),
    undefined,
    'it does not grow',
  )
  t.equal(fullAt(growing.toReversed(), GIB, NOON), undefined, 'it shrinks')
  t.equal(fullAt(growing, 9000 * GIB, NOON), undefined, 'too far ahead')
  t.equal(
    fullAt(
      growing.map(() => Number.NaN),
      GIB,
      NOON,
    ),
    undefined,
  )
})

/** Figures in SQLite: each level a ring of packed blocks. */
import type { Database } from 'better-sqlite3'
import { LEVELS, type SeriesKey } from './sample.ts'
import { BLOCK, emptyBlock, meanOf, readSlot, slotAt, writeSlot } from './slots.ts'

export interface StoredSeries extends SeriesKey {
  id: number
}

export function createSampleStore(db: Database) {
  const getSeries = db
    .prepare<object, number>(
      'SELECT id FROM sample_series WHERE subject = @subject AND metric = @metric AND name = @name',
    )
    .pluck()
  const addSeries = db.prepare(
    'INSERT INTO sample_series (subject, name, metric) VALUES (@subject, @name, @metric)',
  )
  const find = db.prepare<[string, string], StoredSeries>(
    'SELECT * FROM sample_series WHERE subject = ? AND metric = ? ORDER BY name',
  )
  const getBlock = db
    .prepare<[number, number, number], Buffer>(
      'SELECT slots FROM sample_blocks WHERE series = ? AND level = ? AND block = ?',
    )
    .pluck()
  const getBlocks = db.prepare<[number, number, number, number], { block: number; slots: Buffer }>(
    'SELECT block, slots FROM sample_blocks WHERE series = ? AND level = ? AND block BETWEEN ? AND ?',
  )
  const putBlock = db.prepare(`
    INSERT INTO sample_blocks (series, level, block, slots) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET slots = excluded.slots`)
  const trimBlocks = db.prepare(
    `DELETE FROM sample_blocks WHERE level = @level AND block < @before
     AND series IN (SELECT id FROM sample_series)`,
  )
  const trimSeries = db.prepare(
    'DELETE FROM sample_series WHERE NOT EXISTS (SELECT 1 FROM sample_blocks WHERE series = sample_series.id)',
  )

  const blockOf = (slot: number) => Math.floor(slot / BLOCK)

  function put(series: number, level: number, values: ReadonlyMap<number, number>): void {
    let open: { block: number; slots: Buffer } | undefined
    const close = () => open && putBlock.run(series, level, open.block, open.slots)
    for (const [slot, value] of values) {
      const block = blockOf(slot)
      if (open?.block !== block) {
        close()
        open = { block, slots: getBlock.get(series, level, block) ?? emptyBlock() }
      }
      writeSlot(open.slots, slot, value)
    }
    close()
  }

  function read(series: number, level: number, from: number, to: number): number[] {
    const values = Array.from({ length: to - from + 1 }, () => Number.NaN)
    for (const { block, slots } of getBlocks.all(series, level, blockOf(from), blockOf(to)))
      for (let at = 0; at < BLOCK; at++) {
        const slot = block * BLOCK + at
        if (slot >= from && slot <= to) values[slot - from] = readSlot(slots, at)
      }
    return values
  }

  /** The coarser slots that hold this one, as means of what is known of them by now. */
  function rollUp(series: number, second: number): void {
    for (let level = 1; level < LEVELS.length; level++) {
      const [finer, own] = [LEVELS[level - 1]?.step ?? 1, LEVELS[level]?.step ?? 1]
      const slot = slotAt(second * 1000, own)
      const first = (slot * own) / finer
      const mean = meanOf(read(series, level - 1, first, first + own / finer - 1))
      if (!Number.isNaN(mean)) put(series, level, new Map([[slot, mean]]))
    }
  }

  return {
    /** Ten-second slots of many series, in one transaction. */
    write: (points: ReadonlyMap<number, ReadonlyMap<number, number>>): void =>
      db
        .transaction(() => {
          for (const [series, values] of points) {
            put(series, 0, values)
            const minutes = new Set([...values.keys()].map((slot) => Math.floor((slot * 10) / 60)))
            for (const minute of minutes) rollUp(series, minute * 60)
          }
        })
        .immediate(),

    /** Their ids, in the same order; new ones are begun in one transaction. */
    series: (keys: readonly SeriesKey[]): number[] =>
      db
        .transaction(() =>
          keys.map((key) => getSeries.get(key) ?? Number(addSeries.run(key).lastInsertRowid)),
        )
        .immediate(),
    find: (subject: string, metric: string): StoredSeries[] => find.all(subject, metric),
    read,

    /** What every ring has overtaken; series that nothing is known of any more. */
    trim: (now: number): void =>
      db
        .transaction(() => {
          LEVELS.forEach(({ step, span }, level) =>
            trimBlocks.run({ level, before: blockOf(slotAt(now - span * 1000, step)) }),
          )
          trimSeries.run()
        })
        .immediate(),
  }
}
export type SampleStore = ReturnType<typeof createSampleStore>

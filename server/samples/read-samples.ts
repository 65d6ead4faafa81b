/** Answers with figures over time. */
import { LEVELS, RANGES, type Range, type Samples, UNITS } from './sample.ts'
import type { SampleStore, StoredSeries } from './sample-store.ts'
import type { Sampler } from './create-sampler.ts'
import { shown, slotAt, thinned } from './slots.ts'

export interface ReadDeps {
  store: SampleStore
  sampler: Pick<Sampler, 'pending'>
  now(): number
}

export interface Wanted {
  metric: string
  unit: (typeof UNITS)[number]
  range: Range
  /** Values at most; neighbours become their mean. */
  points: number
}

/** `lines`: the series that one line of the graph is made of, one by one or combined. */
export function readSamples(
  { metric, unit, range, points }: Wanted,
  lines: readonly { name: string; values(read: (series: StoredSeries) => number[]): number[] }[],
  { store, sampler, now }: ReadDeps,
): Samples {
  const level = RANGES.indexOf(range)
  const { step, span } = LEVELS[level] ?? LEVELS[0]
  const last = slotAt(now(), step)
  const first = last - span / step + 1
  const read = ({ id }: StoredSeries) => {
    const values = store.read(id, level, first, last)
    if (level === 0)
      for (const [slot, value] of sampler.pending(id)) if (slot >= first) values[slot - first] = value
    return values
  }
  let by = 1
  const series = lines.map(({ name, values }) => {
    const thin = thinned(values(read), points)
    by = thin.by
    return { name, values: thin.values.map(shown) }
  })
  const count = series[0]?.values.length ?? 0
  const from = (last + 1 - count * by) * step * 1000
  return { metric, unit, range, from: new Date(from).toISOString(), step: step * by, series }
}

/** When a disk will be full, if it goes on as it did. Pure. */

const HOUR_MS = 60 * 60_000
/** Fewer hours say nothing about a trend, */
const FEWEST = 24
/** and who promises more than a year ahead guesses. */
const FURTHEST_MS = 365 * 24 * HOUR_MS

/** `used`: bytes at each hour, oldest first, NaN where unknown. The line of least squares, from today's level. */
export function fullAt(used: readonly number[], free: number, now: number): number | undefined {
  const points = used.flatMap((value, hour) => (Number.isNaN(value) ? [] : [[hour, value] as const]))
  if (points.length < FEWEST) return undefined
  const meanHour = points.reduce((sum, [hour]) => sum + hour, 0) / points.length
  const meanUsed = points.reduce((sum, [, value]) => sum + value, 0) / points.length
  let [above, below] = [0, 0]
  for (const [hour, value] of points) {
    above += (hour - meanHour) * (value - meanUsed)
    below += (hour - meanHour) ** 2
  }
  const perHour = above / below
  if (!(perHour > 0)) return undefined
  const left = (free / perHour) * HOUR_MS
  return left > FURTHEST_MS ? undefined : now + left
}

/** Durations as people write them: `30s`, `5m`, `2h`, `1d`. */
export const DURATION = '^[1-9][0-9]{0,5}(s|m|h|d)$'

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export function millisecondsOf(duration: string): number {
  return Number(duration.slice(0, -1)) * (UNITS[duration.slice(-1)] ?? 0)
}

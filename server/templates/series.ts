/** The series of a database: releases within it read each other's files. Pure. */

/** Engines whose series is the first number alone. */
const BY_FIRST_NUMBER = new Set(['postgres', 'postgresql', 'redis', 'valkey'])

/** `mariadb:11.8.8` and `summoner/wp-mariadb:11.8-478e8754a9dd` are both 11.8. */
export function seriesOf(reference: string, engine: string): string | undefined {
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(reference)?.[1] ?? ''
  const numbers = /^v?(\d+)(?:\.(\d+))?/.exec(tag)
  if (!numbers) return undefined
  const [, first, second] = numbers
  return BY_FIRST_NUMBER.has(engine) || second === undefined ? first : `${first}.${second}`
}

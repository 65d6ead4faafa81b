/** The clock on the wall of a time zone, which jumps twice a year; pure. */
import type { Wall } from './cron.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

/** What the clock shows at an instant. */
export function wallOf(at: Date, zone: string): Wall {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(zone, format)
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return `${parts['year']?.padStart(4, '0')}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}`
}

/** The first instant at which the clock shows this or, inside a gap, the first one after it. */
export function instantOf(wall: Wall, zone: string): Date {
  const asUtc = Date.parse(`${wall}:00Z`)
  // no zone is further than 15 hours away, no jump longer than a day
  let early = asUtc - 16 * 3_600_000
  let late = asUtc + 40 * 3_600_000
  // a wall clock only runs backwards for an hour or so: look for the first crossing in steps smaller than that
  for (let at = early; at <= late; at += 15 * 60_000)
    if (wallOf(new Date(at), zone) >= wall) {
      late = at
      early = at - 15 * 60_000
      break
    }
  while (late - early > 1000) {
    const middle = early + Math.floor((late - early) / 2000) * 1000
    if (middle <= early) break
    if (wallOf(new Date(middle), zone) >= wall) late = middle
    else early = middle
  }
  return new Date(late)
}

export const dateOf = (wall: Wall): { year: number; month: number; day: number } => {
  const [year = 0, month = 0, day = 0] = wall.slice(0, 10).split('-').map(Number)
  return { year, month, day }
}

export function nextDay(wall: Wall, by: 1 | -1): Wall {
  const { year, month, day } = dateOf(wall)
  return new Date(Date.UTC(year, month - 1, day + by)).toISOString().slice(0, 10)
}

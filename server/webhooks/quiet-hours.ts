/** When nobody wants to hear of it. Pure. */
import type { QuietHours } from './recipe.ts'

const ORDER = { info: 0, warning: 1, error: 2 }

/** The end of the quiet hours that `now` lies in; undefined when it is not quiet, or the event is grave enough. */
export function quietUntil(
  hours: QuietHours | undefined,
  severity: keyof typeof ORDER,
  now: Date,
  timezone: string,
): Date | undefined {
  if (!hours || (hours.except !== undefined && ORDER[severity] >= ORDER[hours.except])) return undefined
  const [from, to, at] = [minutesOf(hours.from), minutesOf(hours.to), minutesOf(clockIn(timezone, now))]
  const inside = from <= to ? at >= from && at < to : at >= from || at < to
  if (!inside) return undefined
  const wait = (to - at + 1440) % 1440
  return new Date(Math.floor(now.getTime() / 60_000) * 60_000 + wait * 60_000)
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))
}

function clockIn(timeZone: string, now: Date): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(now)
}

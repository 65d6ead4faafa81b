/**
 * What is due. A schedule names minutes of the wall clock; the last one that was carried out is remembered. So a minute
 * that the clock skips runs at the first instant after it, one that it shows twice runs once, and one that passed while
 * the daemon was down runs at its start. Pure.
 */
import type { Cron, Wall } from './cron.ts'
import { dateOf, nextDay } from './wall-clock.ts'

const DAYS_BACK = 800
const DAYS_AHEAD = 3000

/**
 * The newest slot after `last` that the wall clock has reached. A `last` that lies in the future (the clock was wrong)
 * counts as now.
 */
export function dueSlot(cron: Cron, last: Wall, now: Wall): Wall | undefined {
  if (last >= now) return undefined
  let day = now.slice(0, 10)
  for (let back = 0; back < DAYS_BACK && day >= last.slice(0, 10); back++) {
    if (cron.day(dateOf(day))) {
      const slot = slotsOf(cron, day).findLast((slot) => slot <= now)
      if (slot !== undefined) return slot > last ? slot : undefined
    }
    day = nextDay(day, -1)
  }
  return undefined
}

/** The first slot after now; undefined for a date that never comes, such as 30 February. */
export function nextSlot(cron: Cron, now: Wall): Wall | undefined {
  let day = now.slice(0, 10)
  for (let ahead = 0; ahead < DAYS_AHEAD; ahead++) {
    if (cron.day(dateOf(day))) {
      const slot = slotsOf(cron, day).find((slot) => slot > now)
      if (slot !== undefined) return slot
    }
    day = nextDay(day, 1)
  }
  return undefined
}

/** A clock that was a day or more ahead and is right again must not silence the schedules until then. */
export const trustedLast = (last: Wall, now: Wall): Wall => (last > `${nextDay(now, 1)}T23:59` ? now : last)

function slotsOf({ hours, minutes }: Cron, day: string): Wall[] {
  const two = (value: number) => String(value).padStart(2, '0')
  return hours.flatMap((hour) => minutes.map((minute) => `${day}T${two(hour)}:${two(minute)}`))
}

/** `22:00-06:00`, across midnight too; the end is outside. */
export interface Window {
  from: string
  to: string
}

export function parseWindow(text: string): Window {
  const [from = '', to = ''] = text.split('-')
  return { from, to }
}

export function inWindow({ from, to }: Window, wall: Wall): boolean {
  const time = wall.slice(11)
  return from <= to ? time >= from && time < to : time >= from || time < to
}

/** May work of a schedule begin now? */
export function isAllowed(wall: Wall, { quiet, windows }: { quiet: Window[]; windows: Window[] }): boolean {
  if (quiet.some((window) => inWindow(window, wall))) return false
  return windows.length === 0 || windows.some((window) => inWindow(window, wall))
}

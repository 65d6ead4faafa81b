/** Cron expressions of five fields over local wall-clock time; pure. */
import { SummonerError } from '../errors.ts'

/** `2026-03-29T02:30`: a minute as the clock on the wall shows it; compares as text. */
export type Wall = string

export interface Cron {
  minutes: number[]
  hours: number[]
  /** Does the day fit; months and both fields of days. */
  day(date: { year: number; month: number; day: number }): boolean
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** `input.invalid` names the field. */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/)
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields
  if (fields.length !== 5)
    throw refusal(text, 'it needs five fields: minute, hour, day, month, day of the week')
  const minutes = numbersOf(minute, { from: 0, to: 59, text, field: 'minute' })
  const hours = numbersOf(hour, { from: 0, to: 23, text, field: 'hour' })
  const months = new Set(numbersOf(month, { from: 1, to: 12, names: MONTHS, base: 1, text, field: 'month' }))
  const byMonth = monthDays(dayOfMonth, text)
  const byWeek = weekDays(dayOfWeek, text)
  // as everywhere: when both are restricted either is enough
  const either = !isAny(dayOfMonth) && !isAny(dayOfWeek)
  return {
    minutes,
    hours,
    day(date) {
      if (!months.has(date.month)) return false
      return either ? byMonth(date) || byWeek(date) : byMonth(date) && byWeek(date)
    },
  }
}

type DayRule = (date: { year: number; month: number; day: number }) => boolean

function monthDays(field: string, text: string): DayRule {
  if (field.toUpperCase() === 'L') return ({ year, month, day }) => day === lastOf(year, month)
  const days = new Set(numbersOf(field, { from: 1, to: 31, text, field: 'day' }))
  return ({ day }) => days.has(day)
}

function weekDays(field: string, text: string): DayRule {
  const special = /^([0-7]|[a-z]{3})(?:#([1-5])|(L))$/i.exec(field)
  if (special) {
    const [only = 0] = numbersOf(special[1] ?? '', {
      from: 0,
      to: 7,
      names: DAYS,
      base: 0,
      text,
      field: 'day of the week',
    })
    return ({ year, month, day }) => {
      if (weekdayOf(year, month, day) !== only % 7) return false
      return special[3] ? day + 7 > lastOf(year, month) : Math.ceil(day / 7) === Number(special[2])
    }
  }
  const days = new Set(
    numbersOf(field, { from: 0, to: 7, names: DAYS, base: 0, text, field: 'day of the week' }).map(
      (day) => day % 7,
    ),
  )
  return ({ year, month, day }) => days.has(weekdayOf(year, month, day))
}

interface Range {
  from: number
  to: number
  names?: readonly string[]
  base?: number
  text: string
  field: string
}

function numbersOf(field: string, range: Range): number[] {
  const found = new Set<number>()
  for (const part of field.split(',')) {
    const match = /^(\*|\?|[0-9a-z]+)(?:-([0-9a-z]+))?(?:\/(\d+))?$/i.exec(part)
    if (!match) throw refusal(range.text, `"${part}" cannot be read as ${range.field}`)
    const [, first = '', last, step] = match
    const any = first === '*' || first === '?'
    const from = any ? range.from : numberOf(first, range)
    const to = last === undefined ? (any || step !== undefined ? range.to : from) : numberOf(last, range)
    const by = step === undefined ? 1 : Number(step)
    if (from > to || by < 1) throw refusal(range.text, `"${part}" fits no ${range.field}`)
    for (let value = from; value <= to; value += by) found.add(value)
  }
  return [...found].sort((a, b) => a - b)
}

function numberOf(word: string, { from, to, names = [], base = 0, text, field }: Range): number {
  const named = names.indexOf(word.toLowerCase())
  const value = named >= 0 ? named + base : /^\d+$/.test(word) ? Number(word) : Number.NaN
  if (!(value >= from && value <= to)) throw refusal(text, `"${word}" is no ${field} (${from} to ${to})`)
  return value
}

const isAny = (field: string) => field === '*' || field === '?'
const weekdayOf = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay()
const lastOf = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate()

function refusal(text: string, why: string): SummonerError {
  return new SummonerError('input.invalid', `The schedule "${text}" cannot be used: ${why}.`, {
    hint: 'Write it like "0 2 * * *" (every night at two), or off.',
  })
}

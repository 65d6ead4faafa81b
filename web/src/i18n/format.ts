/** Numbers, sizes, times as people read them; pure: language and now are given. */
const UNITS = { en: ['B', 'kB', 'MB', 'GB', 'TB'], fr: ['o', 'ko', 'Mo', 'Go', 'To'] }

export function formatBytes(bytes: number, language: string): string {
  const units = language === 'fr' ? UNITS.fr : UNITS.en
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 0 : 1
  return `${formatNumber(value, language, digits)} ${units[unit] ?? ''}`
}

export function formatNumber(value: number, language: string, digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)
}

/** `value` of 100. */
export function formatPercent(value: number, language: string): string {
  const digits = Math.abs(value) < 10 && value !== 0 ? 1 : 0
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: digits }).format(
    value / 100,
  )
}

/** A span: 0.4 s, 41 s, 3 min 05 s, 2 h 10 min, 4 days. */
export function formatSpan(ms: number, language: string): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 10) return `${formatNumber(seconds, language, 1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return formatUnit(Math.floor(hours / 24), 'day', language)
}

export function formatUnit(
  value: number,
  unit: 'day' | 'hour' | 'minute' | 'month',
  language: string,
): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}

const STEPS = [
  ['year', 365.25 * 86_400],
  ['month', 30.44 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** 3 hours ago, in 58 days. */
export function formatAgo(at: string | number | Date, now: number, language: string): string {
  const seconds = (new Date(at).getTime() - now) / 1000
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  if (Math.abs(seconds) < 5) return format.format(0, 'second')
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ??
    STEPS[STEPS.length - 1] ?? ['second', 1]
  return format.format(Math.trunc(seconds / size), unit)
}

/** The exact time, in the viewer's zone. */
export function formatTime(
  at: string | number | Date,
  language: string,
  style: 'full' | 'clock' | 'date' = 'full',
): string {
  const options: Intl.DateTimeFormatOptions =
    style === 'clock'
      ? { hour: '2-digit', minute: '2-digit', second: '2-digit' }
      : style === 'date'
        ? { dateStyle: 'medium' }
        : { dateStyle: 'medium', timeStyle: 'medium' }
  return new Intl.DateTimeFormat(language, options).format(new Date(at))
}

export function daysUntil(at: string, now: number): number {
  return Math.floor((new Date(at).getTime() - now) / 86_400_000)
}

/** Whether a recipe takes an event, and why. Pure. */
import { matchesWithin } from './bounded-regex.ts'
import type { Condition, Recipe, Test } from './recipe.ts'

/** What paths are looked up in: the event's own keys, and `event`, `steps`, `item`, `error` by name. */
export type Scope = Readonly<Record<string, unknown>>

/** One decision, for people: which part of the recipe, what came out, and what stood there. */
export interface Decision {
  at: string
  outcome: 'yes' | 'no' | 'sent' | 'waits' | 'skipped' | 'failed'
  why: string
}

/** What `changed` compares with; absent where nothing was seen before. */
export type Memory = (path: string) => { value: unknown } | undefined

export interface Judging {
  scope: Scope
  memory: Memory
  /** Absent where nobody asks why: most events are nothing to most recipes. */
  note?: ((decision: Decision) => void) | undefined
}

const LONGEST_GLOB_TEXT = 2_000

export function takes(
  on: Recipe['on'],
  event: { type: string; source: string },
  note?: Judging['note'],
): boolean {
  for (const key of ['type', 'source'] as const) {
    const wanted = on[key]
    if (wanted === undefined) continue
    const fits = [wanted].flat().some((glob) => matchesGlob(glob, event[key]))
    note?.({
      at: `on.${key}`,
      outcome: fits ? 'yes' : 'no',
      why: `${show(event[key])} ${fits ? 'is' : 'is not'} ${show(wanted)}`,
    })
    if (!fits) return false
  }
  return true
}

export function holds(condition: Condition, at: string, judging: Judging): boolean {
  if (Array.isArray(condition))
    return condition.every((inner, index) => holds(inner, `${at}[${index}]`, judging))
  if ('and' in condition)
    return condition.and.every((inner, index) => holds(inner, `${at}.and[${index}]`, judging))
  if ('or' in condition)
    return condition.or.some((inner, index) => holds(inner, `${at}.or[${index}]`, judging))
  if ('not' in condition) return !holds(condition.not, `${at}.not`, judging)
  return passes(condition, at, judging)
}

function passes(test: Test, at: string, { scope, memory, note }: Judging): boolean {
  const value = valueAt(scope, test.path)
  const say = (fits: boolean, what: () => string) => {
    note?.({ at, outcome: fits ? 'yes' : 'no', why: `${test.path} is ${show(value)}; ${what()}` })
    return fits
  }
  if (
    test.exists !== undefined &&
    !say((value !== undefined) === test.exists, () => `exists: ${test.exists}`)
  )
    return false
  if (test.equals !== undefined && !say(same(value, test.equals), () => `equals: ${show(test.equals)}`))
    return false
  if (
    test.in &&
    !say(
      test.in.some((one) => same(value, one)),
      () => `in: ${show(test.in)}`,
    )
  )
    return false
  if (
    test.contains !== undefined &&
    !say(contains(value, test.contains), () => `contains: ${show(test.contains)}`)
  )
    return false
  if (test.glob !== undefined) {
    const globs = [test.glob].flat()
    const fits = typeof value === 'string' && globs.some((glob) => matchesGlob(glob, value))
    if (!say(fits, () => `glob: ${show(test.glob)}`)) return false
  }
  if (test.matches !== undefined) {
    const found = typeof value === 'string' ? matchesWithin(test.matches, value) : false
    const slow = found === undefined ? ' (stopped: the pattern takes too long)' : ''
    if (!say(found === true, () => `matches: ${show(test.matches)}${slow}`)) return false
  }
  for (const [sign, bound] of Object.entries(test.compare ?? {}))
    if (!say(compares(value, sign, bound), () => `${sign}: ${show(bound)}`)) return false
  if (test.changed !== undefined) {
    const before = memory(test.path)
    const changed = before !== undefined && !same(before.value ?? null, value ?? null)
    const was = () => (before === undefined ? 'seen for the first time' : `was ${show(before.value)}`)
    if (!say(changed === test.changed, () => `changed: ${test.changed}, ${was()}`)) return false
  }
  return true
}

/** Every path of `changed`, whose value is remembered after each event that the recipe takes. */
export function remembered(condition: Condition | undefined): string[] {
  if (condition === undefined) return []
  if (Array.isArray(condition)) return condition.flatMap(remembered)
  if ('and' in condition) return condition.and.flatMap(remembered)
  if ('or' in condition) return condition.or.flatMap(remembered)
  if ('not' in condition) return remembered(condition.not)
  return condition.changed === undefined ? [] : [condition.path]
}

/** Own keys only: a path never reaches what every object inherits. */
export function valueAt(scope: Scope, path: string): unknown {
  let value: unknown = scope
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** `*` is any text, `?` one character. Linear but for one step back to the last star. */
export function matchesGlob(glob: string, whole: string): boolean {
  const text = whole.slice(0, LONGEST_GLOB_TEXT)
  let [at, in_] = [0, 0]
  let [star, kept] = [-1, 0]
  while (at < text.length) {
    if (in_ < glob.length && glob[in_] === '*') [star, kept] = [in_++, at]
    else if (in_ < glob.length && (glob[in_] === '?' || glob[in_] === text[at])) [in_, at] = [in_ + 1, at + 1]
    else if (star >= 0) [in_, at] = [star + 1, ++kept]
    else return false
  }
  while (glob[in_] === '*') in_++
  return in_ === glob.length
}

/** 3 and "3" are the same to whoever writes YAML by hand. */
function same(one: unknown, other: unknown): boolean {
  if (isPlain(one) && isPlain(other)) return String(one) === String(other)
  return JSON.stringify(one) === JSON.stringify(other)
}

const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)

function contains(value: unknown, part: unknown): boolean {
  if (typeof value === 'string') return isPlain(part) && value.includes(String(part))
  return Array.isArray(value) && value.some((item) => same(item, part))
}

function compares(value: unknown, sign: string, bound: unknown): boolean {
  const [left, right] = [orderOf(value), orderOf(bound)]
  if (Number.isNaN(left) || Number.isNaN(right)) return false
  if (sign === 'gt') return left > right
  if (sign === 'gte') return left >= right
  return sign === 'lt' ? left < right : left <= right
}

/** A number, or a point in time. */
function orderOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return NaN
  return Number.isNaN(Number(value)) ? Date.parse(value) : Number(value)
}

function show(value: unknown): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

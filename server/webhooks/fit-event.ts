/** An example of an event, changed so that a recipe's condition holds: who tries a recipe wants to see its message. Pure. */
import type { Event } from '../events/event.ts'
import type { Condition, Test } from './recipe.ts'

/** What cannot be met by a plain value, like `changed`, is left as it is. */
export function fitEvent(sample: Event, condition: Condition | undefined): Event {
  const event = structuredClone(sample)
  for (const test of testsOf(condition)) {
    const value = valueFor(test)
    if (value !== undefined) setAt(event, test.path.replace(/^event\./u, '').split('.'), value)
  }
  // the sentence of the example names its minion
  if (sample.minion !== undefined && event.minion !== sample.minion && event.title === sample.title)
    event.title = sample.title.replaceAll(sample.minion, String(event.minion))
  return event
}

/** Of several ways the first. */
function testsOf(condition: Condition | undefined): Test[] {
  if (condition === undefined || (!Array.isArray(condition) && 'not' in condition)) return []
  if (Array.isArray(condition)) return condition.flatMap(testsOf)
  if ('and' in condition) return condition.and.flatMap(testsOf)
  if ('or' in condition) return testsOf(condition.or[0])
  return [condition]
}

function valueFor({ equals, in: among, contains, glob }: Test): unknown {
  if (equals !== undefined) return equals
  if (among?.[0] !== undefined) return among[0]
  if (contains !== undefined) return contains
  return [glob].flat()[0]?.replaceAll('*', '')
}

function setAt(target: object, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path
  if (key === undefined || key === '__proto__') return
  const owner = target as Record<string, unknown>
  if (rest.length === 0) {
    owner[key] = value
    return
  }
  const inner = Object.hasOwn(owner, key) ? owner[key] : undefined
  const next = typeof inner === 'object' && inner !== null ? inner : {}
  owner[key] = next
  setAt(next, rest, value)
}

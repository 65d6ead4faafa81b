/** Reads what strangers sent: own keys only, wrong kinds count as absent, nothing throws. Pure. */

export type Path = readonly (string | number)[]

export function at(value: unknown, ...path: Path): unknown {
  let here = value
  for (const key of path) {
    if (here === null || typeof here !== 'object' || !Object.hasOwn(here, key)) return undefined
    here = (here as Record<string | number, unknown>)[key]
  }
  return here
}

/** Numbers count as text too: tools disagree about ids. */
export function text(value: unknown, ...path: Path): string | undefined {
  const found = at(value, ...path)
  if (typeof found === 'number') return String(found)
  return typeof found === 'string' && found.trim() !== '' ? found : undefined
}

export function number(value: unknown, ...path: Path): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

export function flag(value: unknown, ...path: Path): boolean | undefined {
  const found = at(value, ...path)
  return typeof found === 'boolean' ? found : undefined
}

export function list(value: unknown, ...path: Path): unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** Names in a list of objects: labels, tags, assignees. */
export function names(value: unknown, path: Path, key: string): string[] {
  return list(value, ...path).flatMap((item) => text(item, key) ?? [])
}

export function firstLine(value: string | undefined): string | undefined {
  return value?.split('\n', 1)[0]?.trim()
}

/** `refs/heads/main` -> `main`. */
export function shortRef(ref: string | undefined): string | undefined {
  return ref?.replace(/^refs\/(?:heads|tags)\//, '')
}

/** A hash of zeros: the branch or tag did not exist before, or does not any more. */
export function isNothing(hash: string | undefined): boolean {
  return hash !== undefined && /^0{40,64}$/.test(hash)
}

/** `2026-11-20 14:02:15 UTC` and milliseconds too; undefined when it is no time. */
export function instant(value: string | number | undefined): string | undefined {
  if (value === undefined) return undefined
  const parsed = typeof value === 'number' ? value : Date.parse(value)
  return Number.isFinite(parsed) && Math.abs(parsed) < 8.64e15 ? new Date(parsed).toISOString() : undefined
}

/** A word for a type: `act-moveCard`, `Merge Request` -> `act-move-card`, `merge-request`. */
export function word(value: string | undefined): string | undefined {
  const made = value
    ?.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60)
  return made === '' ? undefined : made
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** What differs between two boxes, by minion: the plan turns this into `+`, `~` and `-`. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { Application, Config } from './config.ts'

export interface ConfigDiff {
  added: string[]
  removed: string[]
  changed: { name: string; fields: (keyof Application)[] }[]
  /** Keys of the box itself: `domain`, `subnets`, `tls`, … */
  box: (keyof Config)[]
}

/** The order of applications does not matter. */
export function diffConfigs(before: Config, after: Config): ConfigDiff {
  const old = new Map(before.applications.map((application) => [application.name, application]))
  const now = new Map(after.applications.map((application) => [application.name, application]))
  const diff: ConfigDiff = {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [],
    box: keysThatDiffer(before, after).filter((key) => key !== 'applications'),
  }
  for (const [name, application] of now) {
    const previous = old.get(name)
    const fields = previous === undefined ? [] : keysThatDiffer(previous, application)
    if (fields.length > 0) diff.changed.push({ name, fields })
  }
  return diff
}

function keysThatDiffer<T extends object>(before: T, after: T): (keyof T)[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof T)[])
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], after[key]))
}

/**
 * Which life of a box this is. A box that was brought back on another server has the same id, and whoever still runs
 * under it elsewhere is another life: only one of them writes to a destination.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeFileAtomic } from '../config/write-file.ts'

export interface Lives {
  own: string
  /** Those that this one came from, whose places it takes. */
  before: readonly string[]
}

export function readLives(file: string, newId: () => string): Lives {
  if (!existsSync(file)) beginLife(file, newId())
  const [own = '', ...before] = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return { own, before }
}

/** What a copy of the box on another server begins with. */
export function beginLife(file: string, id: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  writeFileAtomic(file, `${id}\n${before}`, { mode: 0o600 })
}

/** What of a minion lies on disk, and how much. */
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Template } from '../templates/template.ts'
import { interpolate } from '../templates/variables.ts'
import type { SetFolder } from './manifest.ts'

export interface Roots {
  vsroot: string
  dbsroot: string
  /** `data/minions`. */
  minionsDir: string
}

/** In this order a restore puts them back. */
export function foldersOf(minion: string, { vsroot, dbsroot, minionsDir }: Roots): SetFolder[] {
  return [
    { name: 'volumes', path: join(vsroot, minion) },
    { name: 'database', path: join(dbsroot, minion) },
    { name: 'instance', path: join(minionsDir, minion) },
  ]
}

/** Folders of the template's `data`, of one kind. */
export function dataPaths(
  minion: string,
  template: Template,
  { vsroot, dbsroot }: Roots,
  kind: 'files' | 'database' | 'cache',
): string[] {
  const env = { MINION: minion, VOLUME_STORAGE_ROOT: vsroot, DATABASE_STORAGE_ROOT: dbsroot }
  return (template.description.data ?? [])
    .filter((data) => data.kind === kind)
    .map(({ path }) => interpolate(path, env))
}

/** Bytes of all files below; a link counts as itself. What vanishes meanwhile counts as nothing. */
export async function sizeOf(path: string): Promise<number> {
  const stats = await lstat(path).catch(() => undefined)
  if (!stats) return 0
  if (!stats.isDirectory()) return stats.blocks * 512
  let total = 0
  const folder = await opendir(path).catch(() => undefined)
  if (folder) for await (const entry of folder) total += await sizeOf(join(path, entry.name))
  return total
}

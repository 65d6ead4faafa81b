/**
 * A database on its way between a server of its own and a shared one, kept on disk from before the minion is stopped until
 * nothing is left of the old side. Until it says `accepted` the old side is the truth and the new one may be thrown away.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../config/write-file.ts'

export interface Dedicated {
  kind: 'dedicated'
  /** The service of compose.yml, and the folder of its files on this host. */
  service: string
  folder: string
}
export interface Shared {
  kind: 'shared'
  server: string
  database: string
}
export type Side = Dedicated | Shared

export interface MoveRecord {
  minion: string
  from: Side
  to: Side
  /** The dump that goes over, in the folder of the minion's dumps. */
  dump?: string
  state: 'moving' | 'accepted'
}

const fileOf = (recordsDir: string, minion: string) => join(recordsDir, `${minion}.database-move.json`)

export function readMove(recordsDir: string, minion: string): MoveRecord | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(recordsDir, minion), 'utf8')) as MoveRecord
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function writeMove(recordsDir: string, record: MoveRecord): void {
  writeFileAtomic(fileOf(recordsDir, record.minion), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 })
}

export function endMove(recordsDir: string, minion: string): void {
  rmSync(fileOf(recordsDir, minion), { force: true })
}

export const sideText = (side: Side): string => (side.kind === 'shared' ? side.server : `a server of its own`)

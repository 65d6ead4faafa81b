/** What the verbs of this room are given by `create-backups.ts`. */
import type { Config } from '../config/config.ts'
import type { MinionDeps } from '../minions/deps.ts'
import type { StepContext } from '../jobs/job.ts'
import type { Halt } from './halt.ts'
import type { Manifest } from './manifest.ts'
import type { Repository } from './repository.ts'
import type { SetsStore } from './sets-store.ts'

/** Hot dumps of a minion's databases, each file whole and checked. */
export interface Dumps {
  take(minion: string, context: StepContext): Promise<Manifest['dumps']>
}

export interface BackupDeps extends MinionDeps {
  repository: Repository
  sets: SetsStore
  halt: Halt
  dumps?: Dumps
  /** Version of this Summoner. */
  version: string
  lastGood(): Config
  /** Free bytes of the disk a path lies on. */
  freeBytes(path: string): Promise<number>
}

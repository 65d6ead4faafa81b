/** What the verbs of this room are given by `create-backups.ts`. */
import type { Config } from '../config/config.ts'
import type { StreamExec } from '../docker/container.ts'
import type { MinionDeps } from '../minions/deps.ts'
import type { Dumps } from './dumps.ts'
import type { Halt } from './halt.ts'
import type { Repository } from './repository.ts'
import type { SetsStore } from './sets-store.ts'

export interface BackupDeps extends MinionDeps {
  repository: Repository
  sets: SetsStore
  halt: Halt
  dumps: Dumps
  /** For what is read out of a set, and images that come and go, by the byte. */
  streams: StreamExec
  /** Version of this Summoner. */
  version: string
  lastGood(): Config
  /** Free bytes of the disk a path lies on. */
  freeBytes(path: string): Promise<number>
}

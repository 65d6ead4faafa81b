/** What a summon asks of the room that moves databases. */
import type { StepContext } from '../jobs/job.ts'
import type { Work } from './summon-work.ts'

export interface DatabaseMove {
  /** Before the files change: where the data lies elsewhere than it is wished, the minion stops and it is dumped. */
  begin(minion: string, context: StepContext): Promise<void>
  /** Before the containers change: the place of the database is there, with the data where it moves. */
  fill(work: Work, context: StepContext): Promise<void>
  /** Nothing of the new side counts yet. */
  moving(minion: string): boolean
  /** The minion works: from here on the new side is the truth. */
  accept(minion: string): void
  /** The old side goes. */
  finish(minion: string, context: StepContext): Promise<void>
  /** The shared server that the minion, summoned or dismissed, has its database on. */
  server(minion: string): string | undefined
  /** A last dump of what lies on a shared server; nothing where the database is among the minion's own folders. */
  save(minion: string, context: StepContext): Promise<void>
  /** Its database and account on a shared server go. */
  purge(minion: string, context: StepContext): Promise<void>
  /** The old side is the truth again, also after a crash. */
  undo(minion: string, context: StepContext): Promise<void>
}

/** What the rest of the house asks of dumps. */
import type { DumpContext, DumpRecord, TakenDump } from './dump.ts'
import type { Target } from './dumpers/dumper.ts'
import type { DumpList } from './list-dumps.ts'

export interface RestoreOptions {
  /** The dump may be of this other minion (a clone); default: only of the same. */
  from?: string
}

export interface Dumps {
  /** How many databases the template of a minion declares; 0: there is nothing to dump. */
  declared(minion: string): number
  /**
   * Dumps every declared database, one after the other; all or none of the files stay. Usable inside any job's step.
   * `portable`: without accounts, owners and the database's name, restorable under another one.
   */
  take(minion: string, context: DumpContext, options?: { portable?: boolean }): Promise<TakenDump[]>
  /** Newest first. Files that are damaged at their end are listed by name only. */
  list(minion?: string): Promise<DumpList>
  /** Where a dump lies; `dump.unknown` when it does not. */
  path(minion: string, file: string): Promise<string>
  /** Reads every byte of a dump file, wherever it lies: hash, compression, lengths, first and last words. */
  check(path: string, context: DumpContext): Promise<DumpRecord>
  /** Checks the file, then drops the database and puts the dump in its place. What writes to it must be stopped. */
  restore(minion: string, path: string, context: DumpContext, options?: RestoreOptions): Promise<DumpRecord>
  /** The command line that restores the file by hand. */
  byHand(minion: string, path: string): Promise<string>
  /** One database as a dump file of the minion, restorable under any name. */
  takeOne(target: Target, context: DumpContext): Promise<TakenDump>
  /** Checks the file, then puts it in the place of what the target holds. */
  load(path: string, target: Target, context: DumpContext): Promise<void>
  /** Whether the database would give the same dump again, statement by statement. */
  holds(path: string, target: Target, context: DumpContext): Promise<boolean>
  remove(minion: string, file: string): Promise<void>
  /** Boot: what a killed daemon left: containers, half-written files, copies. */
  sweep(): Promise<void>
}

/** What every database engine has to answer; one file each beside this one, one conformance suite for all. */
import type { Container } from '../../docker/container.ts'
import type { Edges } from '../dump-file.ts'
import type { DumpEngine } from '../dump.ts'

export interface Account {
  user: string
  password: string
}

/** One declared database of a minion, with the container that serves it. */
export interface Target {
  minion: string
  service: string
  engine: DumpEngine
  database: string
  container: Container
  /** The application's own account, as the template declares it. */
  account: Account
  /** Where its password stands: the `.env` of the minion, and the key in it. */
  envFile: string
  passwordEnv?: string
  /** Folders of the minion on this host: what a SQLite file must lie in. */
  folders: readonly string[]
  /** It lies on a server with databases of other minions: nothing is done there that reaches beyond it. */
  shared?: boolean
}

/** The world of a dumper: programs of the database's own image, nothing else. */
export interface Session {
  target: Target
  signal: AbortSignal
  log(line: string): void
  /** A short question to the running container; `exec.failed` with the program's words. */
  ask(argv: readonly string[], env?: Record<string, string>): Promise<string>
  /** The first of these programs that the image has. */
  program(...names: string[]): Promise<string>
  /** Output of a program in a second container of the same image, in the database's network. */
  read(argv: readonly string[], given: Given): AsyncGenerator<Buffer, void, undefined>
  /** The same with input; returns what it said. */
  feed(argv: readonly string[], input: Bytes, given: Given): Promise<string>
  /** A path for a copy that is removed with the session. */
  scratch(): Promise<string>
}

export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

export interface Given {
  env?: Record<string, string>
  /** Path inside -> content, readable by the program only. */
  files?: Record<string, string>
  /** Ends this program only; default: that of the job. */
  signal?: AbortSignal
}

export interface DumpChoices {
  /** Without accounts, owners and the database's name. */
  portable: boolean
}

export interface RestoreChoices extends DumpChoices {
  /** The database's name in the dump; only a portable one may go back under another. */
  from: string
}

export interface Dumper {
  /** Of the file, before `.zst`. */
  extension: string
  /** What the server says its version is. */
  version(session: Session): Promise<string>
  dump(session: Session, choices: DumpChoices): AsyncGenerator<Buffer, void, undefined>
  /** Why these are not the edges of a whole export; undefined when they are. */
  incomplete(edges: Edges): string | undefined
  /** Drops what is there and puts `content` in its place; stops at the first error. */
  restore(session: Session, content: AsyncIterable<Buffer>, choices: RestoreChoices): Promise<void>
  /** The services that write to the database must not run meanwhile; for SQLite that is the service itself. */
  servedByItself?: boolean
  /** The command line with which a person restores `file`, unpacked with zstd. */
  byHand(target: Target, file: string): string
}

/** Quoted for a POSIX shell: only for what people copy into their own. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The first variable that is set in the container; images differ in names, not in habits. */
export function firstOf(env: Record<string, string>, ...keys: string[]): string | undefined {
  return keys.map((key) => env[key]).find((value) => value !== undefined && value !== '')
}

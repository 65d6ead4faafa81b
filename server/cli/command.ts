/** The shape of a command. Parsing, help and completion all read it from here. */
import type { Api } from './api.ts'
import type { Output } from './output.ts'

/** What a word stands for, so that the shell can complete it. */
export type Completes =
  | 'minion'
  | 'template'
  | 'secret'
  | 'job'
  | 'token'
  | 'user'
  | 'source'
  | 'channel'
  | 'recipe'
  | 'starter'
  | 'command'

export interface Argument {
  name: string
  optional?: boolean
  repeat?: boolean
  completes?: Completes
  values?: readonly string[]
}

export interface Option {
  type: 'string' | 'boolean'
  help: string
  /** Placeholder in help: `--name NAME`. */
  value?: string
  short?: string
  multiple?: boolean
  completes?: Completes
  values?: readonly string[]
}

export interface Options {
  text(name: string): string | undefined
  list(name: string): string[]
  flag(name: string): boolean
}

/** The world around a command: everything that tests replace. */
export interface World {
  cwd: string
  /** The checkout: the daemon names its documents from there. */
  home: string
  configFile: string
  now(): number
  sleep(milliseconds: number): Promise<void>
  /** Asks on the terminal; undefined where there is none to ask. */
  ask?: (question: string, options?: { hidden?: boolean }) => Promise<string>
  /** Everything that is piped in; undefined when stdin is a terminal. */
  readInput?: () => Promise<string>
  /** Calls the listener on Ctrl-C until the returned function is called. */
  onInterrupt(listener: () => void): () => void
}

export interface Context {
  args: string[]
  options: Options
  api: Api
  out: Output
  world: World
  /** Text of a document the daemon names, where it lies on this machine. */
  source: (path: string) => string | undefined
  /** Version of this checkout. */
  version: string
  commands: readonly Command[]
}

export interface Command {
  /** One or two words: `status`, `secret set`. */
  name: string
  summary: string
  details?: string
  arguments?: readonly Argument[]
  options?: Readonly<Record<string, Option>>
  examples?: readonly string[]
  /** Index from which everything is taken as it is, option-like or not. */
  verbatimFrom?: (args: readonly string[]) => number
  /** Not in help: called by the completion scripts. */
  hidden?: boolean
  /** Exit code; 0 when nothing is returned. */
  run(context: Context): Promise<number | void>
}

export const GLOBAL_OPTIONS: Readonly<Record<string, Option>> = {
  json: { type: 'boolean', help: 'one JSON document instead of text' },
  help: { type: 'boolean', short: 'h', help: 'explain the command' },
}

export function usageOf(command: Command): string {
  const words = (command.arguments ?? []).map(({ name, optional, repeat }) => {
    const word = repeat ? `${name}…` : name
    return optional ? `[${word}]` : word
  })
  const options = Object.keys(command.options ?? {}).length > 0 ? ['[options]'] : []
  return ['summoner', command.name, ...words, ...options].join(' ')
}

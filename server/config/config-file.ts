/** config.yml on disk: read, edited in place, replaced. The only writer of the file. */
import { createHash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { SummonerError, type Problem } from '../errors.ts'
import { keepPrevious, notWritten, readText, removeLeftovers } from './config-disk.ts'
import type { Config } from './config.ts'
import { createDraft } from './draft.ts'
import type { ConfigEdit } from './edits.ts'
import { withLockFile } from './lock-file.ts'
import { parseConfig } from './parse.ts'
import { writeFileAtomic } from './write-file.ts'

export interface ConfigVersion {
  text: string
  /** Strong and quoted, as the HTTP header carries it. */
  etag: string
  /** Frozen: it is shared between readers. */
  config: Config
}

export interface ConfigFile {
  /** `config.unreadable`, or `config.invalid` with every finding. */
  read(): ConfigVersion
  /** A text as if it stood in the file. */
  parse(text: string): ConfigVersion
  /** The text whatever it says, for the page that repairs it; `problem` when it is not valid. */
  readText(): { text: string; etag: string; problem?: Problem }
  /** Why a text could not be the file; undefined when it could. */
  check(text: string): Problem | undefined
  /** What the edits would lead to; refuses as `edit` would, writes nothing. */
  preview(...changes: ConfigEdit[]): Config
  /** The text before and after the edits; refuses as `edit` would, writes nothing. */
  previewText(...changes: ConfigEdit[]): { before: string; after: string }
  /** Applies edits one after the other under the lock; writes once, or not at all when nothing changes. */
  edit(...changes: ConfigEdit[]): Promise<ConfigVersion>
  /** Whole text. `config.precondition` without `ifMatch`, `config.stale` when it names another version. */
  replace(text: string, ifMatch: string | undefined): Promise<ConfigVersion>
}

export interface ConfigFileDeps {
  path: string
  /** What `~` stands for: the home of whoever installed. */
  home: string
  /** Where replaced versions are kept. */
  previousDir: string
  clock: () => Date
  /** Called after each change of the bytes on disk, with the text before. */
  onWritten?: (version: ConfigVersion, before: string) => void
  /** The disk; tests fill it up. */
  writeFile?: typeof writeFileAtomic
}

export function createConfigFile(deps: ConfigFileDeps): ConfigFile {
  const { path, home, previousDir, clock, writeFile = writeFileAtomic } = deps
  let turn: Promise<unknown> = Promise.resolve()
  let cached: ConfigVersion | undefined

  const parsed = (text: string): Config => parseConfig(text, { path, home }).config

  function versionOf(text: string): ConfigVersion {
    if (cached?.text !== text) cached = { text, etag: etagOf(text), config: frozen(parsed(text)) }
    return cached
  }

  function write(before: string, version: ConfigVersion): ConfigVersion {
    if (version.text === before) return version
    try {
      keepPrevious(previousDir, before, clock())
      // A linked config.yml stays a link: the file that it names is replaced.
      const target = realpathSync(path)
      const { mode, uid, gid } = statSync(target)
      writeFile(target, version.text, { mode: mode & 0o7777, uid, gid })
    } catch (error) {
      throw notWritten(path, error)
    }
    deps.onWritten?.(version, before)
    return version
  }

  /** In turn within this process, and behind a lock file between processes. */
  function locked<T>(work: () => T): Promise<T> {
    const run = turn.then(async () => {
      try {
        return await withLockFile(`${path}.lock`, () => {
          removeLeftovers(path)
          return work()
        })
      } catch (error) {
        throw error instanceof SummonerError ? error : notWritten(path, error)
      }
    })
    turn = run.catch(() => undefined)
    return run
  }

  function edited(before: string, changes: readonly ConfigEdit[]): string {
    let { text, config } = versionOf(before)
    for (const change of changes) {
      const intended = checked(change.intend(config), { path, home })
      text = written(text, change, config)
      confirm(text, intended, parsed)
      config = intended
    }
    return text
  }

  return {
    read: () => versionOf(readText(path)),

    parse: versionOf,

    readText() {
      const text = readText(path)
      try {
        return { text, etag: versionOf(text).etag }
      } catch (error) {
        if (!(error instanceof SummonerError)) throw error
        return { text, etag: etagOf(text), problem: error.toProblem() }
      }
    },

    check(text) {
      try {
        parsed(text)
        return undefined
      } catch (error) {
        if (!(error instanceof SummonerError)) throw error
        return error.toProblem()
      }
    },

    preview: (...changes) =>
      changes.reduce(
        (config, change) => checked(change.intend(config), { path, home }),
        versionOf(readText(path)).config,
      ),

    previewText: (...changes) => {
      const before = readText(path)
      return { before, after: edited(before, changes) }
    },

    edit: async (...changes) => {
      readText(path)
      return locked(() => {
        const before = readText(path)
        return write(before, versionOf(edited(before, changes)))
      })
    },

    replace: async (text, ifMatch) => {
      if (ifMatch === undefined || ifMatch === '') {
        throw new SummonerError(
          'config.precondition',
          'A whole file is only replaced when it is known which version was edited.',
        )
      }
      readText(path)
      return locked(() => {
        const before = readText(path)
        if (ifMatch !== '*' && ifMatch !== etagOf(before)) {
          throw new SummonerError('config.stale', 'config.yml was changed after it was read.')
        }
        return write(before, versionOf(text))
      })
    },
  }
}

function written(text: string, change: ConfigEdit, config: Config): string {
  const draft = createDraft(text)
  change.write(draft, config)
  return draft.text()
}

/** The intended value under the same rules as a file, before any text is touched: what it breaks is the request's fault. */
function checked(intended: Config, place: { path: string; home: string }): Config {
  try {
    return parseConfig(JSON.stringify({ summoner: intended }), place).config
  } catch (error) {
    if (!(error instanceof SummonerError)) throw error
    const errors = error.errors?.map(({ detail, hint }) => ({
      detail,
      ...(hint === undefined ? {} : { hint }),
    }))
    throw new SummonerError('input.invalid', error.message, {
      cause: error,
      ...(errors === undefined ? {} : { errors }),
    })
  }
}

/** Nothing is written unless the new text says what was meant. */
function confirm(text: string, intended: Config, parsed: (text: string) => Config): void {
  let reason = 'its meaning would differ from what was asked'
  try {
    if (isDeepStrictEqual(parsed(text), intended)) return
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error)
  }
  if (/(^|[\s[{,])[&*][^\s]/.test(text)) {
    throw new SummonerError('config.invalid', 'The change touches an anchor or an alias of config.yml.', {
      hint: 'Change the file by hand, or write the value out in place.',
    })
  }
  throw new SummonerError('internal', `config.yml was not written: ${reason}`)
}

export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) frozen(inner)
  }
  return value
}

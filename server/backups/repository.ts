/**
 * One restic repository: the only place that knows restic's command line. Every repository is used by this daemon
 * alone, so locks that a killed restic left are ours to clear; those of a living one are never touched.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { lives } from '../docker/child.ts'
import type { Exec, ExecOptions, StreamExec } from '../docker/container.ts'
import { codeOfWords } from '../docker/engine-errors.ts'
import { SummonerError, asSummonerError } from '../errors.ts'
import {
  codeOfResticWords,
  holderOf,
  identityOf,
  progressOf,
  retryOf,
  snapshotsOf,
  summaryOf,
  unreadOf,
  type Copied,
  type Progress,
  type Snapshot,
} from './restic-words.ts'
import { createTurns } from './turns.ts'

/** A backup of a terabyte over a slow line. */
const LONG_MS = 7 * 24 * 3_600_000
const TRIES = 3
/** restic waits longer after each failure of the same request; from here on it is no hiccup of the network. */
const LONGEST_PAUSE_MS = 8_000
/** For questions whose answer is short. */
const SHORT_MS = 5 * 60_000
/** The same for every snapshot, so that moving to another server changes nothing. */
const HOST = 'summoner'

export interface RepositoryDeps {
  exec: Exec
  /** A folder of this machine, or an address restic understands; shown to people. */
  location: string
  /** The same with its credentials, where the address is where they go. */
  address?: string
  passwordFile: string
  /** Where what was read once of a far repository is kept. */
  cacheDir: string
  /** Credentials of the place, by environment only. */
  env?: Record<string, string>
  /** Global options of restic, e.g. a limit of bandwidth. */
  options?: readonly string[]
  /** Id of the box that writes here, on every snapshot; those of another box are not seen. Absent: every snapshot is. */
  box?: string
}

/** Another repository, to copy from. */
export type Source = Pick<RepositoryDeps, 'location' | 'address' | 'passwordFile' | 'env' | 'options'>

export interface CopyRequest {
  paths: readonly string[]
  exclude?: readonly string[]
  tags: Record<string, string>
  parent?: string
  signal?: AbortSignal
  /** Files may change or vanish under the copy: it is a head start, never a set. */
  warm?: boolean
  onProgress?: (progress: Progress) => void
}

export interface RestoreRequest {
  snapshot: string
  /** Empty folder; absolute paths are made again below it. */
  target: string
  include?: readonly string[]
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

export type Repository = ReturnType<typeof createRepository>

export function createRepository({
  exec,
  location,
  address = location,
  passwordFile,
  cacheDir,
  env = {},
  options = [],
  box,
}: RepositoryDeps) {
  const local = isAbsolute(location)
  const marked = (tags: Record<string, string>) => (box === undefined ? tags : { ...tags, box })
  // what carries no mark was written before there were marks
  const visible = ({ tags }: Snapshot) =>
    box === undefined || tags['box'] === undefined || tags['box'] === box
  const turns = createTurns()
  // a copy to somewhere far may take days: it holds back nothing but the giving back of room
  const lent = createTurns()
  let ready = false

  const line = (words: readonly string[]): string[] => [
    'restic',
    '--password-file',
    passwordFile,
    ...(local ? ['--no-cache'] : ['--cache-dir', cacheDir]),
    ...options,
    ...words,
  ]

  const restic = async (words: readonly string[], more: ExecOptions = {}) => {
    const argv = line(words)
    const stuck = watchTries(local ? { most: TRIES } : { longestMs: LONGEST_PAUSE_MS })
    try {
      return await exec(argv, {
        timeoutMs: LONG_MS,
        ...more,
        signal: more.signal ? AbortSignal.any([more.signal, stuck.signal]) : stuck.signal,
        onLine: (line) => {
          stuck.look(line)
          more.onLine?.(line)
        },
        // an address may carry a password, and arguments are read by everybody
        env: { RESTIC_PROGRESS_FPS: '2', ...env, RESTIC_REPOSITORY: address, ...more.env },
      })
    } catch (error) {
      throw translated(stuck.failure() ?? error, words[0] ?? '', location)
    }
  }

  /** Runs work that may meet a lock: one that nobody holds any more is cleared, then it is tried once more. */
  const unlocking = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (asSummonerError(error).code !== 'repository.locked') throw error
      await restic(['unlock'])
      await clearDead()
      return work()
    }
  }

  /** restic takes a holder for alive whose number is another program's by now, or that nobody has buried yet. */
  const clearDead = async (): Promise<void> => {
    const { stdout } = await restic(['list', 'locks', '--no-lock'], { timeoutMs: SHORT_MS })
    const dead: string[] = []
    const ids = stdout.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line))
    for (const id of ids) {
      const said = await restic(['cat', 'lock', id, '--no-lock'], { timeoutMs: SHORT_MS }).catch(
        () => undefined,
      )
      const holder = said && holderOf(said.stdout)
      if (holder?.host === hostname() && !lives(holder.pid, 'restic')) dead.push(id)
    }
    if (local) for (const id of dead) rmSync(join(location, 'locks', id), { force: true })
    else if (dead.length > 0 && dead.length === ids.length) await restic(['unlock', '--remove-all'])
  }

  /** Where snapshots come from: handed over by the environment, as the repository itself. */
  const fromWords = (from: Source): ExecOptions => ({
    env: {
      ...from.env,
      RESTIC_FROM_REPOSITORY: from.address ?? from.location,
      RESTIC_FROM_PASSWORD_FILE: from.passwordFile,
    },
  })

  const make = async (like?: Source) => {
    // an init that was cut short left a key that opens nothing; whatever else lies there is not ours
    if (local && !existsSync(join(location, 'config'))) dropKeys(join(location, 'keys'))
    if (local) mkdirSync(location, { recursive: true, mode: 0o700 })
    // files must be cut at the same places, or nothing that is copied is ever found to be there already
    const cuts = like ? ['--copy-chunker-params', ...(like.options ?? [])] : []
    await restic(['init', '--repository-version', '2', ...cuts], like ? fromWords(like) : {})
  }

  const identity = async (): Promise<string | undefined> => {
    try {
      const { stdout } = await restic(['cat', 'config', '--no-lock'], { timeoutMs: SHORT_MS })
      return identityOf(stdout)
    } catch (error) {
      if (asSummonerError(error).code === 'repository.missing') return undefined
      throw error
    }
  }
  const opened = async () => (await identity()) !== undefined
  let opening: Promise<void> | undefined
  const openOrMake = async () => {
    if (!ready && !(await opened())) await make()
    ready = true
  }

  return {
    location,

    /** Opens it, or makes it where there is none, and clears what a killed restic left. */
    async ensure(): Promise<void> {
      // two backups of a new box at once: two keys would be made, of which one opens nothing
      opening ??= openOrMake().finally(() => (opening = undefined))
      await opening
      if (!local || readdirSync(join(location, 'locks')).length > 0) await restic(['unlock'])
    },

    /** Its own name for itself; undefined where there is none. */
    identity,

    /** A new one, whose files are cut as those of `like`. */
    async make(like?: Source): Promise<void> {
      await make(like)
      ready = true
    },

    /** Clears what a killed restic left. */
    unlock: async (): Promise<void> => void (await restic(['unlock'], { timeoutMs: SHORT_MS })),

    /** Nothing is pruned here while `work` copies snapshots elsewhere. */
    lend: <T>(work: (from: Source) => Promise<T>): Promise<T> =>
      lent.shared(() => work({ location, address, passwordFile, env, options })),

    /** Snapshots of another repository; those that are here already are passed over. */
    take: (snapshots: readonly string[], from: Source, signal?: AbortSignal): Promise<void> =>
      turns.shared(() =>
        unlocking(async () => {
          // the source is held by `lend`; a lock of restic's own would keep backups from being confirmed
          const words = ['copy', '--no-lock', ...(from.options ?? []), ...snapshots]
          await restic(words, { ...given(signal), ...fromWords(from) })
        }),
      ),

    /** Refuses where there is no repository, or one that the password does not open. */
    async open(): Promise<void> {
      if (!(await opened()))
        throw new SummonerError('repository.missing', `There is no repository at ${location}.`)
      ready = true
    },

    copy: ({
      paths,
      exclude = [],
      tags,
      parent,
      signal,
      warm = false,
      onProgress,
    }: CopyRequest): Promise<Copied> =>
      turns.shared(() =>
        unlocking(async () => {
          const { code, stdout, stderr } = await restic(
            [
              'backup',
              '--json',
              '--host',
              HOST,
              ...tagWords(marked(tags)),
              ...(parent === undefined ? [] : ['--parent', parent]),
              ...exclude.flatMap((path) => ['--exclude', literal(path)]),
              '--',
              ...paths,
            ],
            { ...given(signal), ...onStatus(onProgress), ok: [0, 3] },
          )
          const unread = unreadOf(stderr)
          if ((code === 3 || unread.length > 0) && !warm)
            throw new SummonerError(
              'backup.unread',
              `${unread.length || 'Some'} files could not be read: ${unread.slice(0, 5).join('; ')}`,
            )
          const summary = summaryOf(stdout)
          if (!summary)
            throw new SummonerError('repository.damaged', 'restic ended without naming its snapshot.')
          return { ...summary, complete: code === 0 && unread.length === 0 }
        }),
      ),

    /** One small document as a snapshot of its own. */
    keep: (name: string, text: string, tags: Record<string, string>): Promise<string> =>
      turns.shared(() =>
        unlocking(async () => {
          const { stdout } = await restic(
            [
              'backup',
              '--json',
              '--host',
              HOST,
              ...tagWords(marked(tags)),
              '--stdin',
              '--stdin-filename',
              name,
            ],
            { input: text },
          )
          const summary = summaryOf(stdout)
          if (!summary)
            throw new SummonerError('repository.damaged', 'restic ended without naming its snapshot.')
          return summary.snapshot
        }),
      ),

    /** The text of a document that `keep` wrote. */
    read: async (snapshot: string, name: string): Promise<string> =>
      (await turns.shared(() => unlocking(() => restic(['dump', snapshot, `/${name}`])))).stdout,

    snapshots: async (tags: Record<string, string> = {}): Promise<Snapshot[]> => {
      const words = ['snapshots', '--json', '--host', HOST, ...tagWords(tags)]
      const { stdout } = await turns.shared(() => unlocking(() => restic(words)))
      return snapshotsOf(stdout).filter(visible)
    },

    /** The snapshots of a set that came from another box are this one's from now on; they get other ids. */
    adopt: (set: string): Promise<void> =>
      turns.alone(() =>
        unlocking(async () => {
          const { stdout } = await restic(['snapshots', '--json', '--host', HOST, ...tagWords({ set })])
          for (const snapshot of snapshotsOf(stdout).filter((one) => !visible(one)))
            await restic(['tag', '--set', joined(marked(snapshot.tags)), snapshot.id])
        }),
      ),

    restore: ({ snapshot, target, include = [], signal, onProgress }: RestoreRequest): Promise<void> =>
      turns.shared(() =>
        unlocking(async () => {
          await restic(
            [
              'restore',
              snapshot,
              '--target',
              target,
              '--verify',
              ...include.flatMap((path) => ['--include', literal(path)]),
            ],
            { ...given(signal), ...onStatus(onProgress) },
          )
        }),
      ),

    /** Entries below a folder of a snapshot. */
    list: async (snapshot: string, path: string): Promise<Entry[]> =>
      entriesOf(
        (await turns.shared(() => unlocking(() => restic(['ls', '--json', snapshot, path])))).stdout,
      ).filter((entry) => entry.path !== path),

    /** Every entry of a snapshot, however deep, one after the other. */
    walk: async (snapshot: string, onEntry: (entry: Entry) => void): Promise<void> => {
      const onLine = (line: string) => entriesOf(line).forEach(onEntry)
      await turns.shared(() => unlocking(() => restic(['ls', '--json', snapshot], { onLine })))
    },

    /** One file as it was, or a folder as a zip archive; nobody prunes while it is read. */
    async *dump(
      snapshot: string,
      path: string,
      { archive, streams }: { archive: boolean; streams: Pick<StreamExec, 'read'> },
    ): AsyncGenerator<Buffer, void, undefined> {
      const argv = line(['dump', '--no-lock', ...(archive ? ['--archive', 'zip'] : []), snapshot, path])
      const done = Promise.withResolvers<void>()
      await new Promise<void>((begin) => {
        void turns.shared(() => {
          begin()
          return done.promise
        })
      })
      try {
        yield* streams.read(argv, { env: { ...env, RESTIC_REPOSITORY: address } })
      } catch (error) {
        throw translated(error, 'dump', location)
      } finally {
        done.resolve()
      }
    },

    /** Takes snapshots out of the repository; their bytes stay until `prune`. */
    forget: (snapshots: readonly string[]): Promise<void> =>
      turns.alone(() =>
        unlocking(async () => {
          if (snapshots.length > 0) await restic(['forget', ...snapshots])
        }),
      ),

    /** Gives back the room of what was forgotten. */
    prune: (signal?: AbortSignal): Promise<void> =>
      lent.alone(() =>
        turns.alone(() =>
          unlocking(async () => {
            await restic(['prune'], given(signal))
          }),
        ),
      ),

    /** Lists anew what lies there: pieces that were listed and are gone are no longer counted on. */
    reindex: (signal?: AbortSignal): Promise<void> =>
      turns.alone(() =>
        unlocking(async () => {
          await restic(['rebuild-index'], given(signal))
        }),
      ),

    /** Is every piece there; with `data`, is every byte what it was. `1/7` reads one seventh, `100M` so much at random. */
    check: (data: false | true | string, signal?: AbortSignal): Promise<void> =>
      turns.alone(() =>
        unlocking(async () => {
          if (local) refuseChangedKeys(join(location, 'keys'))
          const words = data === true ? ['--read-data'] : data ? [`--read-data-subset=${data}`] : []
          await restic(['check', ...words], given(signal))
        }),
      ),
  }
}

/** The one kind of file that restic reads without comparing it with its name. */
function refuseChangedKeys(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const sum = createHash('sha256').update(readFileSync(join(folder, name)))
    if (sum.digest('hex') !== name)
      throw new SummonerError('repository.damaged', `${join(folder, name)} is not what was written.`)
  }
}

function dropKeys(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) if (/^[0-9a-f]{64}$/.test(name)) rmSync(join(folder, name))
}

export interface Entry {
  name: string
  path: string
  type: string
  size: number
  modifiedAt: string
}

function entriesOf(stdout: string): Entry[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((node) => node['struct_type'] === 'node' || node['message_type'] === 'node')
    .map((node) => ({
      name: String(node['name']),
      path: String(node['path']),
      type: String(node['type']),
      size: typeof node['size'] === 'number' ? node['size'] : 0,
      modifiedAt: String(node['mtime']),
    }))
}

const joined = (tags: Record<string, string>): string =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

const tagWords = (tags: Record<string, string>): string[] =>
  Object.keys(tags).length === 0 ? [] : ['--tag', joined(tags)]

/** restic reads patterns; a path is meant as it is. */
const literal = (path: string): string => path.replace(/[\\*?[\]]/g, '\\$&')

const given = (signal: AbortSignal | undefined): ExecOptions => (signal ? { signal } : {})

/** restic tries for a quarter of an hour what a disk refuses, and a minion may be at rest meanwhile. */
function watchTries({ most = Infinity, longestMs = Infinity }: { most?: number; longestMs?: number }) {
  const controller = new AbortController()
  let tries = 0
  let why = ''
  return {
    signal: controller.signal,
    look(line: string): void {
      const said = retryOf(line)
      if (!said) return
      why = said.why
      if (++tries >= most || said.pauseMs >= longestMs) controller.abort()
    },
    failure: () =>
      controller.signal.aborted ? new SummonerError(codeOfWords(why) ?? 'exec.failed', why) : undefined,
  }
}

function onStatus(onProgress: ((progress: Progress) => void) | undefined): ExecOptions {
  if (!onProgress) return {}
  return {
    onLine: (line) => {
      const progress = progressOf(line)
      if (progress) onProgress(progress)
    },
  }
}

function translated(error: unknown, verb: string, location: string): unknown {
  if (!(error instanceof SummonerError)) return error
  if (!['exec.failed', 'disk.full', 'disk.readonly', 'disk.failing'].includes(error.code)) return error
  const code =
    codeOfResticWords(error.message) ??
    (error.code === 'exec.failed' && !isAbsolute(location) ? 'destination.failed' : error.code)
  const said = error.message.replace(/^.*?ended with code -?\d+: /s, '').slice(-600)
  return new SummonerError(code, `${location} (${verb}): ${said}`, { cause: error })
}

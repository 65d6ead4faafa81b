/** One restic repository: what is asked of it, each in its turn. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { ExecOptions, StreamExec } from '../docker/container.ts'
import { SummonerError, asSummonerError } from '../errors.ts'
import {
  entriesOf,
  identityOf,
  joined,
  literal,
  progressOf,
  snapshotsOf,
  summaryOf,
  tagWords,
  unreadOf,
  type Copied,
  type Entry,
  type Progress,
  type Snapshot,
} from './restic-words.ts'
import { createRestic, SHORT_MS, type ResticDeps } from './restic.ts'
import { createTurns } from './turns.ts'

/** The same for every snapshot, so that moving to another server changes nothing. */
const HOST = 'summoner'

export interface RepositoryDeps extends ResticDeps {
  /** Id of the box that writes here, on every snapshot; those of another box are not seen. Absent: every snapshot is. */
  box?: string
}

/** Another repository, to copy from. */
export type Source = Pick<ResticDeps, 'location' | 'address' | 'passwordFile' | 'env' | 'options'>

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
  /** Reads what was written once more: each piece was compared with its name on the way already. */
  verify?: boolean
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

export type Repository = ReturnType<typeof createRepository>

export function createRepository({ box, ...place }: RepositoryDeps) {
  const { location } = place
  const restic = createRestic(place)
  const { run, unlocking } = restic
  const local = isAbsolute(location)
  const marked = (tags: Record<string, string>) => (box === undefined ? tags : { ...tags, box })
  // what carries no mark was written before there were marks
  const visible = ({ tags }: Snapshot) =>
    box === undefined || tags['box'] === undefined || tags['box'] === box
  const turns = createTurns()
  // a copy to somewhere far may take days: it holds back nothing but the giving back of room
  const lent = createTurns()
  let ready = false

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
    await run(['init', '--repository-version', '2', ...cuts], like ? fromWords(like) : {})
  }

  const identity = async (): Promise<string | undefined> => {
    try {
      const { stdout } = await run(['cat', 'config', '--no-lock'], { timeoutMs: SHORT_MS })
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
      if (!local || readdirSync(join(location, 'locks')).length > 0) await run(['unlock'])
    },

    /** Its own name for itself; undefined where there is none. */
    identity,

    /** A new one, whose files are cut as those of `like`. */
    async make(like?: Source): Promise<void> {
      await make(like)
      ready = true
    },

    /** Clears what a killed restic left. */
    unlock: async (): Promise<void> => void (await run(['unlock'], { timeoutMs: SHORT_MS })),

    /** Nothing is pruned here while `work` copies snapshots elsewhere. */
    lend: <T>(work: (from: Source) => Promise<T>): Promise<T> => lent.shared(() => work(place)),

    /** Snapshots of another repository; those that are here already are passed over. */
    take: (snapshots: readonly string[], from: Source, signal?: AbortSignal): Promise<void> =>
      turns.shared(() =>
        unlocking(async () => {
          // the source is held by `lend`; a lock of restic's own would keep backups from being confirmed
          const words = ['copy', '--no-lock', ...(from.options ?? []), ...snapshots]
          await run(words, { ...given(signal), ...fromWords(from) })
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
          const { code, stdout, stderr } = await run(
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
          const { stdout } = await run(
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
      (await turns.shared(() => unlocking(() => run(['dump', snapshot, `/${name}`])))).stdout,

    snapshots: async (tags: Record<string, string> = {}): Promise<Snapshot[]> => {
      const words = ['snapshots', '--json', '--host', HOST, ...tagWords(tags)]
      const { stdout } = await turns.shared(() => unlocking(() => run(words)))
      return snapshotsOf(stdout).filter(visible)
    },

    /** The snapshots of a set that came from another box are this one's from now on; they get other ids. */
    adopt: (set: string): Promise<void> =>
      turns.alone(() =>
        unlocking(async () => {
          const { stdout } = await run(['snapshots', '--json', '--host', HOST, ...tagWords({ set })])
          for (const snapshot of snapshotsOf(stdout).filter((one) => !visible(one)))
            await run(['tag', '--set', joined(marked(snapshot.tags)), snapshot.id])
        }),
      ),

    restore: ({
      snapshot,
      target,
      include = [],
      verify = false,
      signal,
      onProgress,
    }: RestoreRequest): Promise<void> =>
      turns.shared(() =>
        unlocking(async () => {
          await run(
            [
              'restore',
              snapshot,
              '--target',
              target,
              ...(verify ? ['--verify'] : []),
              ...include.flatMap((path) => ['--include', literal(path)]),
            ],
            { ...given(signal), ...onStatus(onProgress) },
          )
        }),
      ),

    /** Entries below a folder of a snapshot. */
    list: async (snapshot: string, path: string): Promise<Entry[]> =>
      entriesOf(
        (await turns.shared(() => unlocking(() => run(['ls', '--json', snapshot, path])))).stdout,
      ).filter((entry) => entry.path !== path),

    /** Every entry of a snapshot, however deep, one after the other. */
    walk: async (snapshot: string, onEntry: (entry: Entry) => void): Promise<void> => {
      const onLine = (line: string) => entriesOf(line).forEach(onEntry)
      await turns.shared(() => unlocking(() => run(['ls', '--json', snapshot], { onLine })))
    },

    /** One file as it was, or a folder as a zip archive; nobody prunes while it is read. */
    async *dump(
      snapshot: string,
      path: string,
      { archive, streams }: { archive: boolean; streams: Pick<StreamExec, 'read'> },
    ): AsyncGenerator<Buffer, void, undefined> {
      const words = ['dump', '--no-lock', ...(archive ? ['--archive', 'zip'] : []), snapshot, path]
      const done = Promise.withResolvers<void>()
      await new Promise<void>((begin) => {
        void turns.shared(() => {
          begin()
          return done.promise
        })
      })
      try {
        yield* streams.read(restic.argv(words), { env: restic.env })
      } catch (error) {
        throw restic.translate(error, 'dump')
      } finally {
        done.resolve()
      }
    },

    /** Takes snapshots out of the repository; their bytes stay until `prune`. */
    forget: (snapshots: readonly string[]): Promise<void> =>
      turns.alone(() =>
        unlocking(async () => {
          if (snapshots.length > 0) await run(['forget', ...snapshots])
        }),
      ),

    /** Gives back the room of what was forgotten. */
    prune: (signal?: AbortSignal): Promise<void> =>
      lent.alone(() =>
        turns.alone(() =>
          unlocking(async () => {
            await run(['prune'], given(signal))
          }),
        ),
      ),

    /** Lists anew what lies there: pieces that were listed and are gone are no longer counted on. */
    reindex: (signal?: AbortSignal): Promise<void> =>
      turns.alone(() =>
        unlocking(async () => {
          await run(['rebuild-index'], given(signal))
        }),
      ),

    /** Is every piece there; with `data`, is every byte what it was. `1/7` reads one seventh, `100M` so much at random. */
    check: (data: false | true | string, signal?: AbortSignal): Promise<void> =>
      turns.alone(() =>
        unlocking(async () => {
          if (local) refuseChangedKeys(join(location, 'keys'))
          const words = data === true ? ['--read-data'] : data ? [`--read-data-subset=${data}`] : []
          await run(['check', ...words], given(signal))
        }),
      ),
  }
}

function dropKeys(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) if (/^[0-9a-f]{64}$/.test(name)) rmSync(join(folder, name))
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

const given = (signal: AbortSignal | undefined): ExecOptions => (signal ? { signal } : {})

function onStatus(onProgress: ((progress: Progress) => void) | undefined): ExecOptions {
  if (!onProgress) return {}
  return {
    onLine: (line) => {
      const progress = progressOf(line)
      if (progress) onProgress(progress)
    },
  }
}

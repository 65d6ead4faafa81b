/**
 * The set of the box itself, a part of every backup run: config.yml, templates, state with secrets and keys, a
 * consistent copy of the database, certificates. The repository is encrypted, so they lie in it as they are.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { asSummonerError, SummonerError } from '../../errors.ts'
import type { JobKind, Step, StepContext } from '../../jobs/job.ts'
import type { BackupDeps } from '../deps.ts'
import type { Copied } from '../restic-words.ts'
import { setIdOf, type Reason } from '../set.ts'
import { savedMinions } from '../upkeep.ts'
import {
  BOX,
  BOX_MANIFEST_VERSION,
  readBoxManifest,
  writeBoxManifest,
  type BoxManifest,
} from './box-manifest.ts'

export interface BoxSetDeps extends BackupDeps {
  db: Database
  configFile: string
  minionsDir: string
}

export interface BoxInput {
  reason: Reason
}

/** Of `data/state`: what only this server knows of itself, and what is copied in another way. */
const NOT_STATE = [
  'minions',
  'restores',
  'compile-cache',
  'running-code',
  'recovery.json',
  'summoner.db',
  'summoner.db-wal',
  'summoner.db-shm',
]

export function boxKind(deps: BoxSetDeps): JobKind<BoxInput> {
  return {
    kind: 'box',
    lane: () => 'box-set',
    afterCrash: 'requeue',
    steps: (input) => boxSteps(input, deps),
    result: () => {
      const set = deps.sets.list({ minion: BOX, state: 'good', limit: 1 })[0]
      return set && { set: set.id, bytes: set.bytes, added: set.added, downtimeMs: 0 }
    },
  }
}

function boxSteps({ reason }: BoxInput, deps: BoxSetDeps): Step[] {
  const { dirs, repository, sets, db } = deps
  const database = join(dirs.run, 'box-set/summoner.db')
  let id = ''
  let at = ''
  let copy: Copied | undefined
  let written: { snapshot: string; text: string } | undefined
  return [
    {
      name: 'database',
      run: async (context) => {
        const started = deps.now()
        id = setIdOf(BOX, started, sets.has)
        at = started.toISOString()
        sets.begin({ id, minion: BOX, job: context.jobId, reason, startedAt: at })
        await repository.ensure()
        rmSync(join(dirs.run, 'box-set'), { recursive: true, force: true })
        mkdirSync(join(dirs.run, 'box-set'), { recursive: true, mode: 0o700 })
        await db.backup(database)
      },
    },
    {
      name: 'copy',
      run: async ({ signal }) => {
        const before = (await repository.snapshots({ minion: BOX, part: 'data' })).at(-1)
        const request = {
          paths: [deps.configFile, dirs.state, dirs.certificates, deps.minionsDir, database],
          exclude: NOT_STATE.map((name) => join(dirs.state, name)),
          tags: { minion: BOX, part: 'data', set: id },
          ...(before ? { parent: before.id } : {}),
          signal,
        }
        copy = await repository.copy(request).catch((error: unknown) => {
          // a file that was being written while the folder was read
          if (asSummonerError(error).code !== 'backup.unread') throw error
          return repository.copy(request)
        })
      },
    },
    {
      name: 'manifest',
      run: async () => {
        if (!copy) throw new SummonerError('internal', 'The manifest was asked for before the copy was made.')
        const manifest: BoxManifest = {
          version: BOX_MANIFEST_VERSION,
          set: id,
          box: deps.box.id,
          minion: BOX,
          summoner: deps.version,
          schema: db.pragma('user_version', { simple: true }) as number,
          at,
          domain: deps.lastGood().domain,
          paths: {
            config: deps.configFile,
            state: dirs.state,
            certificates: dirs.certificates,
            templates: deps.minionsDir,
            database,
          },
          minions: savedMinions(deps),
          count: { files: copy.files, bytes: copy.bytes },
        }
        const text = writeBoxManifest(manifest)
        const snapshot = await repository.keep(`${id}.json`, text, { minion: BOX, part: 'manifest', set: id })
        written = { snapshot, text }
      },
    },
    {
      name: 'read back',
      run: async (context) => {
        if (!copy || !written) throw new SummonerError('internal', 'Nothing was written yet.')
        await confirm({ id, at, copy, written }, deps, context)
      },
    },
  ]
}

async function confirm(
  made: { id: string; at: string; copy: Copied; written: { snapshot: string; text: string } },
  deps: BoxSetDeps,
  context: StepContext,
): Promise<void> {
  const { id, at, copy, written } = made
  const { repository, sets } = deps
  const text = await repository.read(written.snapshot, `${id}.json`)
  if (text !== written.text)
    throw new SummonerError(
      'backup.unproven',
      `The manifest of ${id} reads differently from how it was written.`,
    )
  readBoxManifest(text, id)
  await repository.check(false, context.signal)
  rmSync(join(deps.dirs.run, 'box-set'), { recursive: true, force: true })
  sets.finish(id, {
    at,
    endedAt: deps.now().toISOString(),
    stopped: false,
    downtimeMs: 0,
    files: copy.files,
    bytes: copy.bytes,
    added: copy.added,
    dataSnapshot: copy.snapshot,
    manifestSnapshot: written.snapshot,
    manifest: text,
  })
  deps.events.append({
    type: 'backup.succeeded',
    title: `The box itself was backed up: ${id}`,
    data: { set: id, job: context.jobId, bytes: copy.bytes },
  })
  const snapshots = await repository.snapshots({ minion: BOX })
  const whole = new Set(
    snapshots.filter(({ tags }) => tags['part'] === 'manifest').map(({ tags }) => tags['set']),
  )
  await repository
    .forget(snapshots.filter(({ tags }) => !whole.has(tags['set'])).map((snapshot) => snapshot.id))
    .catch((error: unknown) => context.log(`Left-overs stay in the repository: ${String(error)}`))
}

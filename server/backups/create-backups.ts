/**
 * The room of backups, put together. Its shape:
 *
 *   set.ts, manifest.ts   what a set is, and the document that makes a copy one
 *   repository.ts         restic; nothing else knows its command line (restic-words.ts reads what it says, turns.ts
 *                         keeps those who prune apart from those who copy)
 *   halt.ts               a minion at rest, running again however that ends
 *   cold.ts               the backup of one minion, as a job
 *   restore.ts            a set becomes a minion's data, or a minion; swap.ts exchanges the folders by renames
 *   prove.ts              a set restored beside everything, judged (assertions.ts) and deleted; proof-files.ts cuts it off
 *   retention.ts          which sets stay, and why; upkeep.ts takes the others out and reads what is there
 *   backup-schedules.ts   what of all this runs by the clock
 *   recovery/             the set of the box itself, the recovery sheet, a new server from both
 *   destinations/         further repositories, off this disk
 *   compatible.ts         whether the files of a set fit the containers of today
 *   set-files.ts          what lies in a set, without restoring it
 *   sets-store.ts         its history in SQLite; the truth lies in the repository
 *
 * A set is two snapshots: `part=data` with the folders, made while the minion rests, and `part=manifest`, made last.
 * Copies without a manifest are left-overs, and go with the next backup.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { statfs } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import type { Database } from 'better-sqlite3'
import type { Config } from '../config/config.ts'
import type { Job, JobKind, JournalEntry } from '../jobs/job.ts'
import type { MinionDeps } from '../minions/deps.ts'
import type { SummonInput } from '../minions/summon.ts'
import { backupsRoutes } from './backups.routes.ts'
import { backupKind } from './cold.ts'
import { backupSchedules } from './backup-schedules.ts'
import { checkKind, retentionKind } from './upkeep.ts'
import { proveKind } from './prove.ts'
import { replaySwap, restoreKind } from './restore.ts'
import type { BackupDeps } from './deps.ts'
import { createBundles } from './bundles/create-bundles.ts'
import { createDestinations } from './destinations/create-destinations.ts'
import type { Dumps } from './dumps.ts'
import { createHalt } from './halt.ts'
import { readLives } from './lives.ts'
import { passwordFile } from './password.ts'
import type { BoxInput } from './recovery/box-set.ts'
import { createRecovery } from './recovery/create-recovery.ts'
import { createRepository } from './repository.ts'
import { createSetsStore } from './sets-store.ts'

interface RoomDeps extends MinionDeps {
  db: Database
  version: string
  lastGood(): Config
  /** Characters that can be told apart on paper. */
  readable(length: number): string
  /** The value of a named secret. */
  secret(name: string): string
  random(): number
  configFile: string
  minionsDir: string
  onError(error: unknown): void
  dumps: Dumps
  streams: BackupDeps['streams']
  summon: JobKind<SummonInput>
}

export type Backups = ReturnType<typeof createBackups>

export function createBackups(room: RoomDeps) {
  const key = passwordFile(join(room.dirs.state, 'repository-password'), room.readable)
  room.redactor.add(key.password)
  const deps: BackupDeps = {
    ...room,
    sets: createSetsStore(room.db),
    halt: createHalt(room),
    repository: createRepository({
      exec: room.exec,
      location: join(room.dirs.backups, 'repository'),
      passwordFile: key.file,
      cacheDir: join(room.dirs.backups, 'cache'),
      box: room.box.id,
    }),
    freeBytes,
  }
  const lives = readLives(join(room.dirs.state, 'lives'), () => room.readable(16))
  const destinations = createDestinations({ ...room, ...deps, lives, passwordFile: key.file })
  const bundles = createBundles({ ...room, ...deps })
  const recovery = createRecovery({ ...room, ...deps, password: key.password })
  room.jobs.subscribe((change) => {
    if (change.type !== 'job') return
    noteFailure(change.job, deps)
    noteProof(change.job, deps)
    backUpBox(change.job, deps)
  })
  return {
    kinds: [
      backupKind(deps),
      restoreKind({ ...deps, summon: room.summon }),
      proveKind(deps),
      retentionKind(deps),
      checkKind(deps),
      ...recovery.kinds,
      ...bundles.kinds,
      ...destinations.kinds,
    ] as JobKind[],
    schedules: () => backupSchedules(deps),
    routes: async (app: FastifyInstance) => {
      await app.register(backupsRoutes(deps))
      await app.register(destinations.routes)
      await app.register(recovery.routes)
      await app.register(bundles.routes)
    },
    destinations: destinations.list,
    start(): void {
      bundles.start()
      recovery.start()
      destinations.start()
    },
    async replay(entry: JournalEntry): Promise<void> {
      if (!replaySwap(entry, deps)) await deps.halt.replay(entry)
    },
    /** Whatever a backup had stopped runs again before this resolves. */
    stop: async () => {
      destinations.stop()
      await deps.halt.close()
    },
  }
}

/** Once, after the last minion of a run. */
function backUpBox({ kind, endedAt, actor, id }: Job, { jobs }: BackupDeps): void {
  if (kind !== 'backup' || endedAt === undefined) return
  const under = [...jobs.list({ state: 'queued' }), ...jobs.list({ state: 'running' })]
  if (under.some((job) => job.kind === 'backup' && job.id !== id)) return
  const input: BoxInput = { reason: actor === 'schedule' ? 'schedule' : 'request' }
  jobs.submit({ kind: 'box', input, actor })
}

/** Of a folder that may not be there yet: of the one that it will lie in. */
async function freeBytes(path: string): Promise<number> {
  if (!existsSync(path) && dirname(path) !== path) return freeBytes(dirname(path))
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}

/** These say that a proof could not be tried, and nothing about the set. */
const UNTRIED = new Set([
  'disk.full',
  'disk.failing',
  'disk.readonly',
  'engine.unreachable',
  'proof.impossible',
  'job.interrupted',
])

function noteProof({ id, kind, state, minion, problem }: Job, deps: BackupDeps): void {
  if (kind !== 'prove' || !['failed', 'cancelled', 'interrupted'].includes(state)) return
  const why = problem?.detail ?? 'no reason was recorded'
  const untried = state !== 'failed' || UNTRIED.has(problem?.code ?? '')
  const at = deps.now().toISOString()
  const set = untried
    ? deps.sets.forgetProof(id)
    : deps.sets.endProof(id, { at, passed: false, checks: [], problem: why })
  if (set === undefined || state === 'cancelled') return
  deps.events.append({
    type: 'proof.failed',
    ...(minion ? { minion } : {}),
    severity: untried ? 'warning' : 'error',
    title: untried ? `${set} could not be proven: ${why}` : `${set} does not work when restored: ${why}`,
    data: { set, job: id, code: problem?.code },
  })
}

function noteFailure({ id, kind, minion, state, problem }: Job, deps: BackupDeps): void {
  if (!['failed', 'cancelled', 'interrupted'].includes(state)) return
  const why = problem?.detail ?? `The job is ${state}.`
  const failed = deps.sets.fail(id, deps.now().toISOString(), why)
  if (kind === 'restore' && minion)
    deps.events.append({
      type: 'restore.failed',
      minion,
      severity: 'error',
      title: `The restore of ${minion} failed: ${why}`,
      data: { job: id, code: problem?.code },
    })
  else if (failed.length > 0)
    deps.events.append({
      type: 'backup.failed',
      ...(minion ? { minion } : {}),
      severity: 'error',
      title: `The backup of ${minion ?? 'the box itself'} failed: ${why}`,
      data: { job: id, set: failed[0], code: problem?.code },
    })
}

/** The care of what was saved, as two jobs of the box: take out what nobody needs any more, and read what is there. */
import type { JobKind, StepContext } from '../jobs/job.ts'
import { SummonerError } from '../errors.ts'
import { listApplied } from '../minions/applied.ts'
import { serverEngine } from '../templates/shared-database.ts'
import type { BackupDeps } from './deps.ts'
import { judge, type Verdict } from './retention.ts'
import { hoursOf } from '../schedules/hours.ts'
import { keepOf } from './settings.ts'

/** In this many runs every byte of the repository is read once. */
const PARTS = 4

export interface MinionVerdicts {
  minion: string
  sets: Verdict[]
  /** Dump files of `data/dumps`, judged by the same policy. */
  dumps: Verdict[]
}

/** What retention would keep and remove now, with reasons. */
export async function retentionPlan(deps: BackupDeps): Promise<MinionVerdicts[]> {
  const config = deps.lastGood()
  const { backups } = config
  const frame = { now: deps.now(), zone: hoursOf(config).zone }
  const good = deps.sets.list({ state: 'good' })
  const { dumps } = await deps.dumps.list()
  const minions = new Set([...good.map(({ minion }) => minion), ...dumps.map(({ minion }) => minion)])
  return [...minions].sort().map((minion) => {
    const keep = keepOf(backups, minion)
    const own = dumps.filter((dump) => dump.minion === minion)
    const databases = new Set(own.map(({ service, database }) => `${service} ${database}`))
    return {
      minion,
      sets: judge(
        good.filter((set) => set.minion === minion),
        keep,
        frame,
      ),
      dumps: [...databases].flatMap((name) =>
        judge(
          own
            .filter(({ service, database }) => `${service} ${database}` === name)
            .map(({ file, at }) => ({ id: file, at, startedAt: at, reason: 'schedule' as const })),
          keep,
          frame,
        ),
      ),
    }
  })
}

export function retentionKind(deps: BackupDeps): JobKind<Record<string, never>> {
  return {
    kind: 'retention',
    afterCrash: 'requeue',
    steps: () => [
      { name: 'repository', run: () => deps.repository.ensure() },
      { name: 'forget', run: (context) => forget(deps, context) },
      { name: 'prune', run: (context) => deps.repository.prune(context.signal) },
      { name: 'check', run: (context) => deps.repository.check(false, context.signal) },
    ],
  }
}

async function forget(deps: BackupDeps, context: StepContext): Promise<void> {
  const snapshots = await deps.repository.snapshots()
  for (const { minion, sets, dumps } of await retentionPlan(deps)) {
    const gone = sets.filter(({ keep }) => !keep).map(({ set }) => set)
    for (const { set, reasons } of sets.filter(({ keep }) => !keep))
      context.log(`${set}: ${reasons.join('; ')}`)
    await deps.repository.forget(
      snapshots
        .filter(({ tags }) => tags['set'] !== undefined && gone.includes(tags['set']))
        .map(({ id }) => id),
    )
    for (const set of gone) deps.sets.removed(set)
    for (const { set: file } of dumps.filter(({ keep }) => !keep)) await deps.dumps.remove(minion, file)
  }
}

export function checkKind(deps: BackupDeps): JobKind<Record<string, never>> {
  return {
    kind: 'check',
    afterCrash: 'requeue',
    steps: () => [
      { name: 'repository', run: () => deps.repository.ensure() },
      {
        name: 'read',
        run: async (context) => {
          const week = Math.floor(deps.now().getTime() / (7 * 86_400_000))
          const part = `${(week % PARTS) + 1}/${PARTS}`
          context.log(`Reading part ${part} of the repository`)
          await deps.repository.check(part, context.signal)
        },
      },
      { name: 'sets', run: () => compare(deps) },
    ],
  }
}

/** A set that is listed here and not there is no backup. */
async function compare(deps: BackupDeps): Promise<void> {
  const snapshots = await deps.repository.snapshots()
  const parts = (set: string) =>
    snapshots.filter(({ tags }) => tags['set'] === set).map(({ tags }) => tags['part'])
  const lost = deps.sets
    .list({ state: 'good' })
    .filter(({ id }) => !['data', 'manifest'].every((part) => parts(id).includes(part)))
  for (const { id } of lost) deps.sets.removed(id)
  if (lost.length > 0)
    throw new SummonerError(
      'repository.damaged',
      `The repository no longer holds ${lost.map(({ id }) => id).join(', ')}.`,
    )
}

/**
 * Minions that are there, whatever config.yml says at this moment. A shared database server is not among them: all that
 * counts on it is in the sets of its minions, and a copy of its files would stop every one of them.
 */
export const savedMinions = (deps: Pick<BackupDeps, 'dirs'>): string[] =>
  [...listApplied(deps.dirs.records).keys()].filter((minion) => serverEngine(minion) === undefined)

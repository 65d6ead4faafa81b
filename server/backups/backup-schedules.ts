/** What of backups runs by the clock: dumps, cold backups and proofs of each minion, the care of the repository. */
import type { Schedule } from '../schedules/schedule.ts'
import type { BackupInput } from './cold.ts'
import type { BackupDeps } from './deps.ts'
import type { ProveInput } from './prove.ts'
import { cronOf, type What } from './settings.ts'
import { savedMinions } from './upkeep.ts'

const ACTOR = 'schedule'
/** After the nightly backups. */
const RETENTION = '45 4 * * *'

export function backupSchedules(deps: BackupDeps): Schedule[] {
  const { backups } = deps.lastGood()
  const late = (minion: string, title: string) => (slot: string) =>
    void deps.events.append({
      type: 'backup.late',
      minion,
      severity: 'warning',
      title: `${title}: ${slot} was missed, it runs now`,
      data: { slot },
    })
  const entry = (what: What, title: string, minion: string, run: () => void): Schedule => ({
    key: `${what}:${minion}`,
    title,
    cron: cronOf(backups, what, minion),
    minion,
    run,
    missed: late(minion, title),
  })
  return [
    ...savedMinions(deps).flatMap((minion) => [
      ...(hasDatabase(minion, deps)
        ? [
            entry('dump', `dump of ${minion}`, minion, () => {
              if (runs(minion, deps))
                deps.jobs.submit({ kind: 'dump', minion, input: { minion }, actor: ACTOR })
            }),
          ]
        : []),
      entry('cold', `cold backup of ${minion}`, minion, () => {
        const input: BackupInput = { minion, reason: 'schedule' }
        deps.jobs.submit({ kind: 'backup', minion, input, actor: ACTOR })
      }),
      ...(minion === 'nginx'
        ? []
        : [entry('prove', `proof of ${minion}`, minion, () => proveNewest(minion, deps))]),
    ]),
    {
      key: 'check',
      title: 'check of the repository',
      cron: backups.check ?? 'off',
      run: () => void deps.jobs.submit({ kind: 'check', input: {}, actor: ACTOR }),
    },
    {
      key: 'retention',
      title: 'removal of old backups',
      cron: RETENTION,
      run: () => void deps.jobs.submit({ kind: 'retention', input: {}, actor: ACTOR }),
    },
  ]
}

/** Its newest good set, unless that one was proven already. */
function proveNewest(minion: string, deps: BackupDeps): void {
  const [set] = deps.sets.list({ minion, state: 'good', limit: 1 })
  if (!set || set.proof?.passed) return
  const input: ProveInput = { minion, set: set.id }
  deps.jobs.submit({ kind: 'prove', minion, input, actor: ACTOR })
}

function hasDatabase(minion: string, deps: BackupDeps): boolean {
  try {
    return deps.dumps.declared(minion) > 0
  } catch {
    // its template cannot be read now
    return false
  }
}

const runs = (minion: string, deps: BackupDeps) =>
  deps.projection.ours(minion).some(({ state }) => state === 'running')

/** The recovery of a box, put together: its set, its sheet, and what a new server still has to do after `fetch-box.ts`. */
import type { JobKind } from '../../jobs/job.ts'
import type { Destination } from '../settings.ts'
import { foldersOf } from '../folders.ts'
import { savedMinions } from '../upkeep.ts'
import { boxKind, type BoxSetDeps } from './box-set.ts'
import { recoverySheet } from './recovery-sheet.ts'
import { recoveryKind } from './recover.ts'
import { readRecovery } from './recovery-file.ts'
import { recoveryRoutes } from './recovery.routes.ts'

export interface RecoveryDeps extends BoxSetDeps {
  password: string
  secret(name: string): string
}

export function createRecovery(deps: RecoveryDeps) {
  const { state, minions: minionsDir } = deps.dirs
  const valueOf = (value: string | { secret: string }) =>
    typeof value === 'string' ? value : deps.secret(value.secret).trim()
  const credentialsOf = (destination: Destination) => ({
    destination,
    env: Object.fromEntries(
      Object.entries(destination.env ?? {}).map(([name, value]) => [name, valueOf(value)]),
    ),
    ...(destination.key ? { key: valueOf(destination.key) } : {}),
  })
  const sheet = () => {
    const { domain, backups, vsroot, dbsroot } = deps.lastGood()
    return recoverySheet({
      domain,
      box: deps.box.id,
      at: deps.now().toISOString(),
      password: deps.password,
      here: deps.repository.location,
      destinations: (backups.destinations ?? []).map(credentialsOf),
      minions: savedMinions(deps).map((name) => ({
        name,
        folders: foldersOf(name, { vsroot, dbsroot, minionsDir }).map(({ path }) => path),
      })),
    })
  }
  const job = () =>
    [...deps.jobs.list({ state: 'running' }), ...deps.jobs.list({ state: 'queued' })].find(
      ({ kind }) => kind === 'recovery',
    )?.id

  return {
    kinds: [boxKind(deps), recoveryKind(deps)] as JobKind[],
    routes: recoveryRoutes({ sheet, recovery: () => readRecovery(state), job }),
    /** What a new server has fetched and not yet brought up. */
    start(): void {
      if (readRecovery(state)?.state === 'fetched' && job() === undefined)
        deps.jobs.submit({ kind: 'recovery', input: {}, actor: 'recovery' })
    },
  }
}

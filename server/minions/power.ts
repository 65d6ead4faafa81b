/** Start, stop, restart. The wish is written first, so that a crash in between ends as wished. */
import { join } from 'node:path'
import { setApplicationState } from '../config/edits.ts'
import * as compose from '../docker/compose.ts'
import { SummonerError } from '../errors.ts'
import type { JobKind, StepContext } from '../jobs/job.ts'
import { serverEngine } from '../templates/shared-database.ts'
import { readApplied, type Applied } from './applied.ts'
import { awaitWorking } from './await-working.ts'
import type { MinionDeps } from './deps.ts'
import { refuseTakenPorts } from './free-ports.ts'

export interface PowerInput {
  minion: string
  /** Write `state:` into config.yml; false when the daemon only repairs what is wished already. */
  wish: boolean
}

export function startKind(deps: MinionDeps): JobKind<PowerInput> {
  return {
    kind: 'start',
    afterCrash: 'requeue',
    steps: ({ minion, wish }) => [
      { name: 'config', run: () => wishFor(minion, 'running', wish, deps) },
      { name: 'containers', run: (context) => bringBack(minion, deps, context) },
      { name: 'healthy', run: (context) => awaitWorking(minion, deps, context) },
      { name: 'proxy', run: ({ jobId }) => serve(minion, 'minion.started', jobId, deps) },
    ],
  }
}

export function stopKind(deps: MinionDeps): JobKind<PowerInput> {
  return {
    kind: 'stop',
    afterCrash: 'requeue',
    steps: ({ minion, wish }) => [
      { name: 'config', run: () => wishFor(minion, 'stopped', wish, deps) },
      { name: 'containers', run: (context) => halt(minion, deps, context), uncancellable: true },
      { name: 'proxy', run: ({ jobId }) => serve(minion, 'minion.stopped', jobId, deps) },
    ],
  }
}

export function restartKind(deps: MinionDeps): JobKind<PowerInput> {
  return {
    kind: 'restart',
    afterCrash: 'requeue',
    steps: ({ minion }) => [
      {
        name: 'stop',
        uncancellable: true,
        run: async (context) => {
          context.journal({ key: `start:${minion}`, kind: 'start', minion })
          await halt(minion, deps, context)
        },
        undo: (context) => bringBack(minion, deps, context),
      },
      { name: 'start', run: (context) => bringBack(minion, deps, context), uncancellable: true },
      {
        name: 'healthy',
        run: async (context) => {
          context.settle(`start:${minion}`)
          await awaitWorking(minion, deps, context)
        },
      },
      { name: 'proxy', run: ({ jobId }) => serve(minion, 'minion.started', jobId, deps) },
    ],
  }
}

async function wishFor(
  minion: string,
  state: 'running' | 'stopped',
  wish: boolean,
  deps: MinionDeps,
): Promise<void> {
  appliedOf(minion, deps)
  const users = serverEngine(minion) && state === 'stopped' ? deps.databases.tenants(minion) : []
  if (users.length > 0)
    throw new SummonerError('database.used', `${users.join(', ')} would lose their databases.`, {
      hint: 'Stop those minions; the server needs next to nothing meanwhile.',
    })
  // a server follows from its minions: there is no wish of its own to write
  if (wish && !serverEngine(minion)) await deps.config.edit(setApplicationState(minion, state))
}

/** `up` rather than `start`: it honours depends_on, and makes again what was removed by hand. */
async function bringBack(minion: string, deps: MinionDeps, context: StepContext): Promise<void> {
  if (minion === 'nginx') await refuseTakenPorts(deps)
  await deps.exec(compose.up(projectOf(minion, deps)), { onLine: context.log, timeoutMs: 900_000 })
  await deps.refreshMinion(minion)
}

async function halt(minion: string, deps: MinionDeps, context: StepContext): Promise<void> {
  await deps.exec(compose.stop(projectOf(minion, deps)), { onLine: context.log, timeoutMs: 900_000 })
  await deps.refreshMinion(minion)
}

async function serve(
  minion: string,
  type: 'minion.started' | 'minion.stopped',
  job: string,
  deps: MinionDeps,
): Promise<void> {
  if (minion !== 'nginx' || type === 'minion.started') await deps.syncProxy()
  deps.events.append({
    type,
    minion,
    title: `${minion} was ${type === 'minion.started' ? 'started' : 'stopped'}`,
    data: { job },
  })
}

function projectOf(minion: string, deps: MinionDeps): compose.ComposeProject {
  return { project: appliedOf(minion, deps).project, dir: join(deps.dirs.minions, minion) }
}

function appliedOf(minion: string, deps: MinionDeps): Applied {
  const applied = readApplied(deps.dirs.records, minion)
  if (!applied)
    throw new SummonerError('minion.unknown', `${minion} was never summoned to the end.`, {
      hint: 'Run `summoner apply`.',
    })
  return applied
}

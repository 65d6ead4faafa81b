/** Boot: what should run and does not is started, the proxy serves what is. Wishes that were never applied stay pending. */
import { serverEngine } from '../templates/shared-database.ts'
import type { JournalEntry } from '../jobs/job.ts'
import { listApplied, sweepRecords } from './applied.ts'
import type { MinionDeps } from './deps.ts'

type ReconcileDeps = Pick<MinionDeps, 'config' | 'projection' | 'jobs' | 'dirs' | 'syncProxy'>

export interface Repair {
  minion: string
  job: 'start'
}

export async function reconcile(deps: ReconcileDeps, onProblem: (error: unknown) => void): Promise<Repair[]> {
  const repairs: Repair[] = []
  try {
    const { config } = deps.config.read()
    sweepRecords(deps.dirs.records)
    const applied = listApplied(deps.dirs.records)
    const servers = [...applied.keys()].filter(serverEngine).map((name) => ({ name, state: 'running' }))
    for (const { name, state } of [...servers, ...config.applications]) {
      const record = applied.get(name)
      const active = deps.jobs.active(name)
      // a start at work may have seen its containers go with the engine: another one follows it
      const starting = active?.state === 'running' && ['start', 'restart'].includes(active.kind)
      if (!record || state !== 'running' || (active && !starting)) continue
      const oneshots = new Set(record.services.filter(({ oneshot }) => oneshot).map(({ service }) => service))
      const lasting = record.services.filter(({ service }) => !oneshots.has(service))
      const running = new Set(
        deps.projection
          .ours(name)
          .filter(({ state }) => state === 'running')
          .map(({ service }) => service),
      )
      if (lasting.every(({ service }) => running.has(service))) continue
      deps.jobs.submit({ kind: 'start', minion: name, actor: 'boot', input: { minion: name, wish: false } })
      repairs.push({ minion: name, job: 'start' })
    }
    await deps.syncProxy()
  } catch (error) {
    onProblem(error)
  }
  return repairs
}

/**
 * Containers that a job had stopped and had not started again. Those named run before this resolves: the job that begins
 * anew must find what its first try found.
 */
export function replayJournal(deps: Pick<MinionDeps, 'engine' | 'jobs' | 'projection' | 'refreshMinion'>) {
  return async ({ kind, minion, data }: JournalEntry): Promise<void> => {
    if (kind !== 'start' || !minion) return
    const { containers = [] } = (data ?? {}) as { containers?: string[] }
    for (const id of containers)
      try {
        await deps.engine.start(id)
      } catch {
        // the start below makes it again
      }
    if (containers.length > 0) await deps.refreshMinion(minion)
    if (deps.projection.ours(minion).every(({ state }) => state === 'running')) return
    deps.jobs.submit({ kind: 'start', minion, actor: 'boot', input: { minion, wish: false } })
  }
}

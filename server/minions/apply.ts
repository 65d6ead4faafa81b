/** Plan and apply: what stands in config.yml against what runs, and the jobs that make the two equal. */
import { LABEL } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import type { Job } from '../jobs/job.ts'
import { listApplied } from './applied.ts'
import type { MinionDeps } from './deps.ts'
import { driftOf } from './fingerprint.ts'
import { planOf, type Plan } from './plan.ts'

type ApplyDeps = Pick<MinionDeps, 'config' | 'wishes' | 'projection' | 'jobs' | 'dirs' | 'catalog'>

export function makePlan(deps: ApplyDeps): Plan {
  if (!deps.projection.connected())
    throw new SummonerError('engine.unreachable', 'What runs cannot be compared with what is wished.')
  const { config } = deps.config.read()
  deps.catalog.reload()
  const applied = listApplied(deps.dirs.records)
  const observed = Map.groupBy(deps.projection.ours(), ({ labels }) => labels[LABEL.minion] ?? '')
  observed.delete('')
  const drift = new Map(
    [...applied].map(([name, { fingerprints }]) => [name, driftOf(fingerprints, observed.get(name) ?? [])]),
  )
  return planOf({ wished: deps.wishes.list(config), applied, observed, drift })
}

export interface ApplyRequest {
  yes: boolean
  /** Only these minions; all when absent. */
  only?: readonly string[]
  actor: string
}

/** Submits one job per change. Jobs of different minions run in parallel, nginx is submitted first. */
export function apply({ yes, only, actor }: ApplyRequest, deps: ApplyDeps): { plan: Plan; jobs: Job[] } {
  const whole = makePlan(deps)
  const known = new Set([
    ...deps.config.read().config.applications.map(({ name }) => name),
    ...whole.changes.map(({ minion }) => minion),
  ])
  const unknown = only?.find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new SummonerError('minion.unknown', `There is no minion called ${unknown}.`)
  const plan = only
    ? { ...whole, changes: whole.changes.filter(({ minion }) => only.includes(minion)) }
    : whole
  const asking = plan.changes.filter(({ asks }) => asks)
  if (asking.length > 0 && !yes)
    throw new SummonerError(
      'plan.confirm',
      asking.map(({ action, minion, reasons }) => `${action} ${minion}: ${reasons.join(', ')}`).join('; '),
    )
  const jobs = plan.changes
    .filter(({ minion, action }) => !(minion === 'nginx' && action === '-'))
    .map(({ job, minion }) => deps.jobs.submit({ kind: job, minion, actor, input: inputOf(job, minion) }))
  return { plan, jobs }
}

function inputOf(job: Plan['changes'][number]['job'], minion: string): unknown {
  if (job === 'dismiss') return { minion, purge: false }
  return job === 'summon' ? { minion } : { minion, wish: false }
}

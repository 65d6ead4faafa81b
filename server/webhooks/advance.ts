/** Runs go on: what a chain wants next becomes deliveries, in the same transaction as what made it go on. */
import type { DeliveryStore } from './delivery-store.ts'
import type { Policy } from './delivery.ts'
import { quietUntil } from './quiet-hours.ts'
import type { Recipe } from './recipe.ts'
import type { Renderer } from './render-text.ts'
import type { Run, RunStore } from './run-store.ts'
import { destinationOf, walk, type StepResult, type Want } from './walk.ts'

export interface AdvanceDeps {
  runs: RunStore
  deliveries: DeliveryStore
  renderer(): Renderer
  timezone(): string
  policy: Policy
  now(): number
  newUid(): string
  /** As config.yml has it now. */
  recipe(name: string): Recipe | undefined
  /** A text of the recipe cannot be rendered. */
  onBroken(recipe: string, error: string): void
  /** Something waits for this destination. */
  awake(destination: string): void
}

/** Immediate results let a chain go on at once; one that never stops is ended here. */
const MOST_ROUNDS = 300
/** How the error of a step begins that failed before it began. */
export const UNRENDERED = 'The text cannot be rendered:'
/** Recipes that run recipes. */
const MOST_DEPTH = 20

export function createAdvance(deps: AdvanceDeps) {
  const { runs, deliveries, policy } = deps

  /** Call within a transaction. */
  function advance(run: Run): void {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const results = new Map(deliveries.ofRun(run.id).map((row) => [row.step, resultOf(row)]))
      const { state, wants } = walk({ ...run, event: { ...run.event }, results, renderer: deps.renderer() })
      if (wants.length === 0) return runs.end(run.id, state, deps.now())
      const waits = wants.map((want) => enqueue(run, want))
      if (waits.every(Boolean)) return
    }
    runs.end(run.id, 'failed', deps.now())
  }

  /** True when the chain waits for it. */
  function enqueue(run: Run, want: Want): boolean {
    const at = deps.now()
    const base = {
      uid: deps.newUid(),
      run: run.id,
      step: want.key,
      destination: destinationOf(want.call),
      call: want.call,
      dueAt: at,
      giveUpAt: at + want.delayMs + policy.giveUpMs,
      at,
    }
    if (want.problem !== undefined) {
      const error = `${UNRENDERED} ${want.problem}.`
      deliveries.insert({ ...base, state: 'dead', error })
      deps.onBroken(run.recipe.name, error)
      return false
    }
    if (want.throttle && isThrottled(run, want.throttle, at)) {
      deliveries.insert({ ...base, state: 'dropped', error: 'throttled' })
      return false
    }
    if (want.call.action === 'run') return runAnother(run, want.call.recipe, base)
    let dueAt = at + want.delayMs
    if (want.call.action === 'post' || want.call.action === 'mail') {
      const hours = run.recipe.quiet_hours
      const end = quietUntil(hours, run.event.severity, new Date(dueAt), deps.timezone())
      if (end && hours?.messages === 'drop') {
        deliveries.insert({ ...base, state: 'dropped', error: 'quiet hours' })
        return false
      }
      if (end) dueAt = end.getTime()
    }
    if (want.group) return gather(run, want.group, { ...base, dueAt: Math.max(dueAt, at + want.group.forMs) })
    deliveries.insert({ ...base, dueAt, state: dueAt > at ? 'waiting' : 'pending' })
    deps.awake(dueAt > at ? '' : base.destination)
    return true
  }

  type Base = Omit<Parameters<DeliveryStore['insert']>[0], 'state'>

  function gather(run: Run, group: NonNullable<Want['group']>, base: Base): boolean {
    const groupKey = `${run.recipe.name}:${group.key}:${base.destination}`
    const leader = deliveries.gathering(groupKey)
    if (!leader) {
      deliveries.insert({ ...base, groupKey, state: 'waiting' })
      deps.awake('')
      return true
    }
    deliveries.insert({ ...base, leader: leader.id, state: 'joined' })
    // one that is full is told now; the next event begins another
    if (deliveries.memberCount(leader.id) + 1 >= group.max) deliveries.setDue(leader.id, base.at)
    deps.awake('')
    return true
  }

  function runAnother(run: Run, name: string, base: Base): boolean {
    const recipe = deps.recipe(name)
    if (!recipe || runs.lineage(run.id).length > MOST_DEPTH) {
      const error = recipe
        ? `More than ${MOST_DEPTH} recipes run one another.`
        : `There is no recipe "${name}" any more.`
      deliveries.insert({ ...base, state: 'dead', error })
      return false
    }
    const inner = runs.insert(recipe, run.event, base.at, run.id)
    deliveries.insert({ ...base, state: 'delivered', result: { run: inner.id } })
    advance(inner)
    return false
  }

  function isThrottled(run: Run, { key, perMs, count }: NonNullable<Want['throttle']>, at: number): boolean {
    const kept = runs.recall(run.recipe.name, `throttle:${key}`)
    const { since, taken } = kept
      ? (JSON.parse(kept.value) as { since: number; taken: number })
      : { since: 0, taken: 0 }
    const fresh = at - since >= perMs
    if (!fresh && taken >= count) return true
    const value = fresh ? { since: at, taken: 1 } : { since, taken: taken + 1 }
    runs.remember(run.recipe.name, `throttle:${key}`, JSON.stringify(value), at)
    return false
  }

  return {
    advance,
    advanceRun(id: number): void {
      const run = runs.get(id)
      if (run) advance(run)
    },
  }
}
export type Advance = ReturnType<typeof createAdvance>

function resultOf(row: { state: string; result: string | null; error: string | null }): StepResult {
  const value = row.result === null ? {} : { value: JSON.parse(row.result) as unknown }
  if (row.state === 'delivered') return { state: 'delivered', ...value }
  if (row.state === 'dropped') return { state: 'dropped' }
  if (row.state === 'dead') return { state: 'failed', error: row.error ?? 'it failed' }
  return { state: 'waiting' }
}

/** Recipes that feed themselves: by what they started or made, or by an event that comes again and again. */
import type { Event } from '../events/event.ts'
import type { Jobs } from '../jobs/job.ts'
import type { DeliveryStore } from './delivery-store.ts'
import type { RunStore } from './run-store.ts'

export interface LoopGuardDeps {
  runs: Pick<RunStore, 'lineage'>
  deliveries: Pick<DeliveryStore, 'get' | 'makerOf'>
  job(id: string): Pick<ReturnType<Jobs['get']>, 'actor'> | undefined
}

/** A chain of causes may meet the same recipe so often. */
const MOST_RETURNS = 3
/** The same fact of the same thing, so often within a minute. */
const MOST_PER_MINUTE = 120
const MINUTE = 60_000

/** How jobs of recipes are signed. */
export const actorOf = (recipe: string, delivery: number | string) => `recipe ${recipe} #${delivery}`

export function createLoopGuard({ runs, deliveries, job }: LoopGuardDeps) {
  const seen = new Map<string, { since: number; count: number }>()

  /** The run that led to the event, where that can be told. */
  function causeOf(event: Event): number | undefined {
    const id = event.data['job']
    const actor = typeof id === 'string' ? (job(id)?.actor ?? '') : ''
    const delivery = /^recipe \S+ #(\d+)$/u.exec(actor)?.[1]
    if (delivery !== undefined) return deliveries.get(Number(delivery))?.run
    return event.url === undefined ? undefined : deliveries.makerOf(event.url)
  }

  return {
    causeOf,
    /** Why the recipe must stop; undefined while all is well. */
    problem(recipe: string, event: Event, cause: number | undefined, now: number): string | undefined {
      if (cause !== undefined) {
        const returns = runs.lineage(cause).filter((name) => name === recipe).length
        if (returns >= MOST_RETURNS) return `it caused ${event.type} itself, ${returns} times in a row`
      }
      const key = [recipe, event.source, event.type, event.minion, event.subject ?? event.title].join('\n')
      const known = seen.get(key)
      const current = known && now - known.since < MINUTE ? known : { since: now, count: 0 }
      current.count++
      if (seen.size > 10_000) seen.clear()
      seen.set(key, current)
      if (current.count <= MOST_PER_MINUTE) return undefined
      return `${event.type} of the same thing came ${current.count} times within a minute`
    },
  }
}
export type LoopGuard = ReturnType<typeof createLoopGuard>

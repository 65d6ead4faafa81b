/** What an open page must learn at once: minions that changed, jobs that change state, events. Worked out once, whoever looks. */
import type { Projection } from '../docker/projection.ts'
import type { Event, Events } from '../events/event.ts'
import type { Job, Jobs } from '../jobs/job.ts'
import type { Minion } from '../minions/minion.ts'

export type LiveChange =
  | { type: 'minion'; minion: Minion }
  | { type: 'gone'; name: string }
  | { type: 'job'; job: Job }
  | { type: 'event'; event: Event }

export interface LiveDeps {
  list(): Minion[]
  projection: Pick<Projection, 'onChange' | 'onConnection'>
  jobs: Pick<Jobs, 'subscribe'>
  events: Pick<Events, 'subscribe'>
  onError(error: unknown): void
  /** A burst of changes is looked at once. */
  settleMs?: number
  /** What no subscription tells of (a host that the proxy refused) is found by looking. */
  lookEveryMs?: number
}

export interface Live {
  minions(): Minion[]
  subscribe(listener: (change: LiveChange) => void): () => void
}

export function createLive(deps: LiveDeps): Live {
  const { settleMs = 20, lookEveryMs = 1_000 } = deps
  const listeners = new Set<(change: LiveChange) => void>()
  let seen: Minion[] | undefined
  let known = new Map<string, string>()
  let jobStates = new Map<string, string>()
  let soon: NodeJS.Timeout | undefined
  let more = false
  let looking: NodeJS.Timeout | undefined
  let forget: (() => void)[] = []

  const tell = (change: LiveChange) => {
    for (const listener of listeners) listener(change)
  }
  const look = () => {
    try {
      const minions = deps.list()
      if (minions === seen) return
      seen = minions
      const now = new Map(minions.map((minion) => [minion.name, JSON.stringify(minion)]))
      for (const minion of minions)
        if (known.get(minion.name) !== now.get(minion.name)) tell({ type: 'minion', minion })
      for (const name of known.keys()) if (!now.has(name)) tell({ type: 'gone', name })
      known = now
    } catch (error) {
      deps.onError(error)
    }
  }
  /** At once, then not again before a burst has settled. */
  const lookSoon = () => {
    if (soon) {
      more = true
      return
    }
    look()
    soon = setTimeout(() => {
      soon = undefined
      if (!more) return
      more = false
      lookSoon()
    }, settleMs)
  }
  const onJob = (job: Job) => {
    if (jobStates.get(job.id) === job.state) return
    jobStates.set(job.id, job.state)
    if (job.endedAt) jobStates.delete(job.id)
    tell({ type: 'job', job })
  }

  const begin = () => {
    seen = deps.list()
    known = new Map(seen.map((minion) => [minion.name, JSON.stringify(minion)]))
    forget = [
      deps.projection.onChange(lookSoon),
      deps.projection.onConnection(lookSoon),
      deps.jobs.subscribe((change) => {
        if (change.type !== 'job') return
        onJob(change.job)
        lookSoon()
      }),
      deps.events.subscribe((event) => {
        tell({ type: 'event', event })
        lookSoon()
      }),
    ]
    looking = setInterval(look, lookEveryMs)
  }
  const end = () => {
    for (const stop of forget) stop()
    clearTimeout(soon)
    clearInterval(looking)
    soon = undefined
    more = false
    jobStates = new Map()
  }

  return {
    minions: deps.list,
    subscribe(listener) {
      if (listeners.size === 0) begin()
      // one function may listen twice
      const own = (change: LiveChange) => listener(change)
      listeners.add(own)
      return () => {
        if (listeners.delete(own) && listeners.size === 0) end()
      }
    },
  }
}

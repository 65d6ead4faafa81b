/** What the open page knows without asking: every minion, the newest events, whether the daemon is there. */
import { signal } from '@preact/signals'
import type { Event } from '../../../server/events/event.ts'
import type { Job } from '../../../server/jobs/job.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import { follow, type LinkState } from './follow.ts'

export const connection = signal<LinkState>('connecting')
/** Undefined until the first answer. By name. */
export const minions = signal<readonly Minion[] | undefined>(undefined)
/** Counts what happened, for whoever must ask again: jobs that ended, events. */
export const happened = signal(0)
/** The daemon was away and is back. */
export const returns = signal(0)

const eventListeners = new Set<(event: Event) => void>()
const jobListeners = new Set<(job: Job) => void>()

export function onEvent(listener: (event: Event) => void): () => void {
  eventListeners.add(listener)
  return () => eventListeners.delete(listener)
}

export function onJob(listener: (job: Job) => void): () => void {
  jobListeners.add(listener)
  return () => jobListeners.delete(listener)
}

const byName = (a: Minion, b: Minion) => (a.name < b.name ? -1 : 1)

let open: AbortController | undefined

export function openLive(): void {
  if (open) return
  open = new AbortController()
  let lost = false
  void follow('/live', {
    signal: open.signal,
    onState(state) {
      if (state === 'lost') lost = true
      if (state === 'live' && lost) {
        lost = false
        returns.value++
        happened.value++
      }
      connection.value = state
    },
    onMessage({ event, data }) {
      take(event, JSON.parse(data))
    },
  })
}

export function closeLive(): void {
  open?.abort()
  open = undefined
  minions.value = undefined
  connection.value = 'connecting'
}

function take(name: string, data: unknown): void {
  if (name === 'minions') minions.value = (data as Minion[]).toSorted(byName)
  else if (name === 'minion') {
    const minion = data as Minion
    const others = (minions.value ?? []).filter((other) => other.name !== minion.name)
    minions.value = [...others, minion].sort(byName)
  } else if (name === 'gone') {
    const gone = (data as { name: string }).name
    minions.value = minions.value?.filter((other) => other.name !== gone)
  } else if (name === 'job') {
    const job = data as Job
    if (job.endedAt) happened.value++
    for (const listener of jobListeners) listener(job)
  } else if (name === 'event') {
    happened.value++
    for (const listener of eventListeners) listener(data as Event)
  }
}

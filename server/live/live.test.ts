import t from 'tap'
import type { Event } from '../events/event.ts'
import type { Job, JobChange } from '../jobs/job.ts'
import type { Minion } from '../minions/minion.ts'
import { followLive } from './follow-live.ts'
import { createLive, type LiveChange } from './live.ts'

const minion = (name: string, status: Minion['status'] = 'running'): Minion => ({
  name,
  template: 'statik',
  status,
  desired: 'running',
  drift: [],
  pending: false,
  containers: [],
})
const job = (state: Job['state']): Job => ({
  id: 'j1',
  kind: 'start',
  state,
  actor: 'local',
  createdAt: '2026-11-21T09:00:00Z',
  steps: [],
})

function rig() {
  const listeners = { projection: new Set<() => void>(), jobs: new Set<(change: JobChange) => void>() }
  const eventListeners = new Set<(event: Event) => void>()
  const state = { minions: [minion('a'), minion('b')] }
  const live = createLive({
    list: () => state.minions,
    projection: {
      onChange: (listener) => {
        const own = listener as () => void
        listeners.projection.add(own)
        return () => listeners.projection.delete(own)
      },
      onConnection: () => () => {},
    },
    jobs: {
      subscribe: (listener) => {
        listeners.jobs.add(listener)
        return () => listeners.jobs.delete(listener)
      },
    },
    events: {
      subscribe: (listener) => {
        eventListeners.add(listener)
        return () => eventListeners.delete(listener)
      },
    },
    onError: (error) => {
      throw error
    },
    settleMs: 1,
    lookEveryMs: 60_000,
  })
  return { live, state, listeners, eventListeners }
}

const next = (live: ReturnType<typeof rig>['live']) =>
  new Promise<LiveChange>((resolve) => {
    const stop = live.subscribe((change) => {
      stop()
      resolve(change)
    })
  })

t.test('tells only of the minion that changed, and of one that is gone', async (t) => {
  const { live, state, listeners } = rig()
  const changed = next(live)
  state.minions = [minion('a'), minion('b', 'failed')]
  for (const listener of listeners.projection) listener()
  t.match(await changed, { type: 'minion', minion: { name: 'b', status: 'failed' } })
  const gone = next(live)
  state.minions = [minion('b', 'failed')]
  for (const listener of listeners.projection) listener()
  t.same(await gone, { type: 'gone', name: 'a' })
  t.equal(listeners.projection.size, 0, 'nobody looks, nothing is listened to')
})

t.test('tells of a job once for each state', (t) => {
  const { live, listeners } = rig()
  const told: string[] = []
  const stop = live.subscribe((change) => {
    if (change.type === 'job') told.push(change.job.state)
  })
  for (const state of ['queued', 'running', 'running', 'running', 'succeeded'] as const)
    for (const listener of listeners.jobs) listener({ type: 'job', job: job(state) })
  stop()
  t.same(told, ['queued', 'running', 'succeeded'])
  t.end()
})

t.test('a slow reader gets the newest state of each minion, not every one in between', async (t) => {
  const { live, state, listeners, eventListeners } = rig()
  const reading = new AbortController()
  const stream = followLive(live, reading.signal)
  t.match((await stream.next()).value, { event: 'minions', data: [{ name: 'a' }, { name: 'b' }] })
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5))
  for (const status of ['starting', 'degraded', 'failed'] as const) {
    state.minions = [minion('a', status), minion('b')]
    for (const listener of listeners.projection) listener()
    await settled()
  }
  for (const listener of eventListeners)
    listener({
      id: 7,
      at: '',
      source: 'summoner',
      type: 'minion.failed',
      severity: 'error',
      title: 'a failed',
      data: {},
    })
  t.match((await stream.next()).value, { event: 'minion', data: { name: 'a', status: 'failed' } })
  t.match((await stream.next()).value, { event: 'event', id: 7 })
  reading.abort()
  t.equal((await stream.next()).done, true)
  t.equal(listeners.projection.size, 0)
})

/**
 * The destinations, put together:
 *
 *   destination.ts        its state, what it should hold, when it is tried again (pure)
 *   address.ts, open.ts   how restic reaches it; secrets by the environment and by files
 *   copy.ts               the copy and the check, as jobs in a lane of their own
 *   destinations-store.ts what is known of it, in SQLite
 *
 * A destination that lacks a set, and one whose time to be tried again has come, gets a job; nothing else starts one.
 */
import type { Database } from 'better-sqlite3'
import { asSummonerError, SummonerError } from '../../errors.ts'
import type { Job, JobKind } from '../../jobs/job.ts'
import type { BackupDeps } from '../deps.ts'
import type { Lives } from '../lives.ts'
import type { Destination } from '../settings.ts'
import { checkDestinationKind, copyKind, wantedAt, type CopyDeps, type CopyInput } from './copy.ts'
import { pauseAfter, stateOf, type DestinationView } from './destination.ts'
import { createDestinationsStore } from './destinations-store.ts'
import { destinationsRoutes } from './destinations.routes.ts'
import { openDestination, type OpenDeps } from './open.ts'

const LOOK_EVERY_MS = 15_000
/** One that a person cancelled is left alone for so long. */
const AFTER_CANCEL_MS = 3_600_000
/** After these there may be something to copy. */
const MAKES_SETS = new Set(['backup', 'box', 'restore', 'copy', 'check-destination'])

export interface DestinationsDeps extends BackupDeps, Omit<OpenDeps, 'dirs' | 'box'> {
  db: Database
  random(): number
  lives: Lives
  onError(error: unknown): void
}

export type Destinations = ReturnType<typeof createDestinations>

export function createDestinations(deps: DestinationsDeps) {
  const store = createDestinationsStore(deps.db)
  const working = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  const retries = new Map<string, NodeJS.Timeout>()

  const configured = () => deps.lastGood().backups.destinations ?? []
  const find = (name: string): Destination => {
    const found = configured().find((destination) => destination.name === name)
    if (!found)
      throw new SummonerError(
        'destination.unknown',
        `config.yml names no destination ${JSON.stringify(name)}.`,
      )
    return found
  }
  const underway = (name: string): string | undefined => {
    const id = working.get(name)
    if (id === undefined) return undefined
    const { state } = deps.jobs.get(id)
    if (state === 'queued' || state === 'running') return id
    working.delete(name)
    return undefined
  }
  const submit = (
    kind: 'copy' | 'check-destination',
    input: CopyInput & { all?: boolean },
    actor: string,
  ): Job => {
    find(input.destination)
    const job = deps.jobs.submit({ kind, input, actor })
    working.set(input.destination, job.id)
    return job
  }

  const copyDeps: CopyDeps = {
    ...deps,
    store,
    find,
    open: (destination) => openDestination(destination, deps),
    failed(name, error) {
      const known = asSummonerError(error)
      const record = store.get(name, find(name).to)
      const now = deps.now()
      const retryAt = new Date(now.getTime() + pauseAfter(record.tries + 1, deps.random()))
      store.failed(name, {
        problem: known.message,
        code: known.code,
        at: now.toISOString(),
        retryAt: retryAt.toISOString(),
      })
      clearTimeout(retries.get(name))
      retries.set(name, setTimeout(look, retryAt.getTime() - now.getTime() + 50).unref())
      if (record.problem !== undefined) return
      deps.events.append({
        type: 'destination.failed',
        severity: 'error',
        subject: name,
        title: `The copies at ${name} fail: ${known.message}`,
        data: { destination: name, code: known.code },
      })
    },
    cancelled: (name) => store.postpone(name, new Date(deps.now().getTime() + AFTER_CANCEL_MS).toISOString()),
    recovered(name) {
      const { problem } = store.get(name, find(name).to)
      store.succeeded(name, deps.now().toISOString())
      if (problem === undefined) return
      deps.events.append({
        type: 'destination.recovered',
        subject: name,
        title: `The copies at ${name} are made again`,
        data: { destination: name },
      })
    },
  }

  const missingAt = (name: string): string[] => {
    const held = store.sets(name)
    return wantedAt(name, [], copyDeps).keep.filter((set) => !held.has(set))
  }
  const viewOf = ({ name, to }: Destination): DestinationView => {
    const { problem, code, since, tries, retryAt, succeededAt } = store.get(name, to)
    const held = store.sets(name)
    const missing = missingAt(name).length
    const newest = deps.sets.list().find(({ id }) => held.has(id))
    const job = underway(name)
    return {
      name,
      to,
      state: stateOf(problem === undefined ? {} : { problem }, missing),
      tries,
      sets: held.size,
      missing,
      ...(problem === undefined ? {} : { problem }),
      ...(code === undefined ? {} : { code }),
      ...(since === undefined ? {} : { since }),
      ...(retryAt === undefined ? {} : { retryAt }),
      ...(succeededAt === undefined ? {} : { succeededAt }),
      ...(newest ? { newest: newest.at ?? newest.startedAt } : {}),
      ...(job === undefined ? {} : { job }),
    }
  }
  const list = (): DestinationView[] => configured().map(viewOf)

  const look = (): void => {
    try {
      const destinations = configured()
      store.forgetOthers(new Set(destinations.map(({ name }) => name)))
      const now = deps.now().toISOString()
      for (const destination of destinations) {
        const { name, state, retryAt, job } = viewOf(destination)
        if (job !== undefined || state === 'ok' || (retryAt !== undefined && retryAt > now)) continue
        submit('copy', { destination: name }, 'schedule')
      }
    } catch (error) {
      deps.onError(error)
    }
  }

  deps.jobs.subscribe((change) => {
    if (change.type === 'job' && timer && change.job.endedAt && MAKES_SETS.has(change.job.kind))
      queueMicrotask(look)
  })

  return {
    kinds: [copyKind(copyDeps), checkDestinationKind(copyDeps)] as JobKind[],
    routes: destinationsRoutes({ list, submit, find }),
    list,
    find,
    /** Names of the destinations that hold a set. */
    holders: store.holders,
    start(): void {
      timer = setInterval(look, LOOK_EVERY_MS)
      timer.unref()
      look()
    },
    stop(): void {
      for (const retry of retries.values()) clearTimeout(retry)
      retries.clear()
      clearInterval(timer)
      timer = undefined
    },
  }
}

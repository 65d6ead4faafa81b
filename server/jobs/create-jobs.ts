/** The job runner: FIFO per minion, parallel across minions, persisted, resumed after a crash. */
import type { Database } from 'better-sqlite3'
import type { FastifyBaseLogger } from 'fastify'
import { asSummonerError, SummonerError } from '../errors.ts'
import { fateOf } from './after-crash.ts'
import { createJobStore, type JobRecord } from './job-store.ts'
import { canonical, cleanProblem } from './job-text.ts'
import type { Job, JobChange, JobKind, Jobs } from './job.ts'
import { laneOf, startable, waiting } from './lanes.ts'
import { createLiveJob, jobOf, type LiveDeps, type LiveJob } from './live-job.ts'
import { runSteps } from './run-steps.ts'

export interface JobsDeps {
  db: Database
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>
  /** Takes secrets out of whatever a job says. */
  redact(text: string): string
  newId(): string
  now?: () => Date
  /** How many minions are worked on at once. Jobs of the whole box have a lane of their own beside these. */
  concurrency?: number
  /** Minions whose jobs others wait for; they take no place of those that run at once. */
  awaited?: (minion: string) => boolean
  /** Ended jobs that are kept. */
  keep?: number
  /** Runs a job's work in the name of its actor. */
  onBehalf?: <T>(actor: string, work: () => T) => T
}

export function createJobs(deps: JobsDeps): Jobs {
  const { db, log, redact, newId, now = () => new Date(), concurrency = 3, keep = 500 } = deps
  const { onBehalf = (_actor, work) => work() } = deps
  const store = createJobStore(db)
  const kinds = new Map<string, JobKind>()
  const listeners = new Set<(change: JobChange) => void>()
  /** Queued and running jobs; ended ones stay until the disk has them. */
  const live = new Map<string, LiveJob>()
  const lastEnded = new Map<string, JobRecord>()
  const running = new Set<Promise<void>>()
  let working = false
  let retry: NodeJS.Timeout | undefined

  const stamp = () => now().toISOString()
  const problemOf = (error: SummonerError) => cleanProblem(error.toProblem(), redact)

  const liveDeps: LiveDeps = {
    store,
    now,
    redact,
    emit(change) {
      for (const listener of listeners) {
        try {
          listener(change)
        } catch (error) {
          log.error({ err: error }, 'A listener of job changes failed.')
        }
      }
    },
    lost: (error, what) => log.error({ err: error }, `Could not write ${what}.`),
  }

  function adopt(record: JobRecord): LiveJob {
    const lane = kinds.get(record.kind)?.lane?.(JSON.parse(record.input))
    const job = Object.assign(createLiveJob(record, liveDeps), lane === undefined ? {} : { lane })
    live.set(record.id, job)
    return job
  }

  function pump(): void {
    if (!working) return
    for (const job of startable([...live.values()], concurrency, deps.awaited)) {
      job.busy = true
      const run = onBehalf(job.record.actor, () => work(job)).catch((error: unknown) =>
        log.error({ err: error }, `Job ${job.record.id} broke.`),
      )
      running.add(run)
      void run.finally(() => {
        running.delete(run)
        job.busy = false
        pump()
      })
    }
  }

  async function work(job: LiveJob): Promise<void> {
    const { record } = job
    const kind = kinds.get(record.kind)
    Object.assign(record, { state: 'running', startedAt: record.startedAt ?? stamp() })
    job.save()
    try {
      if (!kind) throw new SummonerError('job.interrupted', `No job kind ${record.kind} is known here.`)
      const steps = await kind.steps(JSON.parse(record.input))
      const finished = await runSteps(record, steps, {
        now,
        signal: job.signal,
        context: job.context,
        changed: job.save,
        abandoned: job.abandoned,
        problemOf,
        internal: (error, step) =>
          log.error(
            { err: error.cause ?? error, job: record.id, kind: record.kind, step },
            'A job step broke.',
          ),
      })
      if (!finished) return
      if (!record.problem && kind.result) record.result = kind.result(JSON.parse(record.input))
    } catch (error) {
      if (job.abandoned()) return
      const known = asSummonerError(error)
      if (known.code === 'internal')
        log.error({ err: error, job: record.id }, `Job kind ${record.kind} broke.`)
      record.problem ??= problemOf(known)
    }
    end(job)
  }

  function end(job: LiveJob, state?: 'interrupted'): void {
    const { record } = job
    // Lines first: who sees the job ended may read its whole log.
    job.flush()
    record.state = state ?? outcomeOf(record)
    record.endedAt = stamp()
    if (record.minion !== undefined) lastEnded.set(record.minion, record)
    if (job.save()) live.delete(record.id)
    else retrySoon()
    job.end()
    try {
      store.prune(keep)
    } catch (error) {
      log.warn({ err: error }, 'Old jobs could not be removed.')
    }
  }

  /** An end that could not be written would make the next start run the job again. */
  function retrySoon(): void {
    retry ??= setTimeout(() => {
      retry = undefined
      for (const job of live.values()) if (job.record.endedAt && job.save()) live.delete(job.record.id)
      if ([...live.values()].some((job) => job.record.endedAt)) retrySoon()
    }, 2000)
  }

  function recordOf(id: string): JobRecord {
    const record = live.get(id)?.record ?? store.get(id)
    if (!record) throw new SummonerError('job.unknown', `There is no job ${JSON.stringify(id.slice(0, 64))}.`)
    return record
  }

  async function replayJournal(replay: Parameters<Jobs['start']>[0]): Promise<void> {
    for (const entry of store.journal()) {
      try {
        await replay(entry)
        store.settle(entry.jobId, entry.key)
        log.info({ job: entry.jobId, key: entry.key }, 'Put back what a stopped job had left.')
      } catch (error) {
        log.error(
          { err: error, job: entry.jobId, key: entry.key },
          'A journal entry stays for the next start.',
        )
      }
    }
  }

  function resume(record: JobRecord): void {
    const job = adopt(record)
    if (record.state === 'queued') return
    record.requeues++
    const fate = fateOf(
      { requeues: record.requeues, undoing: record.problem !== undefined },
      kinds.get(record.kind),
    )
    log.warn(
      { job: record.id, kind: record.kind, fate, requeues: record.requeues },
      'Found an unfinished job.',
    )
    if (fate === 'requeue') {
      Object.assign(record, {
        state: 'queued',
        steps: record.steps.map(({ name }) => ({ name, state: 'pending' })),
      })
      job.log('Summoner was stopped while this job ran; it begins again.')
    } else if (fate === 'interrupt') {
      record.problem ??= problemOf(
        new SummonerError('job.interrupted', 'Summoner was stopped while this job ran.'),
      )
      return end(job, 'interrupted')
    } else {
      record.problem ??= problemOf(
        new SummonerError('job.crashed', `Summoner was stopped ${record.requeues} times while this job ran.`),
      )
      if (fate === 'give-up') return end(job)
      job.log('Summoner was stopped while this job ran; it is undone.')
    }
    job.save()
  }

  return {
    register: <Input>(kind: JobKind<Input>) => void kinds.set(kind.kind, kind),

    submit({ kind, minion, input, actor }) {
      const lane = kinds.get(kind)?.lane?.(input) ?? minion
      if (!kinds.has(kind)) throw new Error(`No job kind ${kind} is registered.`)
      const text = canonical(input)
      // Only the last one waiting in the lane: `start` behind `start, stop` is a wish of its own.
      const last = waiting(live.values()).findLast((job) => laneOf(job) === lane)
      if (last?.record.state === 'queued' && last.record.kind === kind && last.record.input === text)
        return jobOf(last.record)
      const job = adopt(
        store.insert({
          id: newId(),
          kind,
          ...(minion === undefined ? {} : { minion }),
          actor,
          input: text,
          createdAt: stamp(),
        }),
      )
      liveDeps.emit({ type: 'job', job: jobOf(job.record) })
      // Later, so that the caller holds the job before its first step runs.
      queueMicrotask(pump)
      return jobOf(job.record)
    },

    get: (id) => jobOf(recordOf(id)),

    list: (filter = {}) =>
      store
        .list({ ...filter, limit: filter.limit ?? 50 })
        .map((record) => jobOf(live.get(record.id)?.record ?? record)),

    logs(id, after = 0, limit = 10_000) {
      recordOf(id)
      return store.lines(id, after, limit)
    },

    cancel(id) {
      const record = recordOf(id)
      const job = live.get(id)
      if (!job || record.endedAt)
        throw new SummonerError(
          'job.finished',
          `The job ended as ${record.state}; there is nothing to cancel.`,
        )
      if (record.problem) return jobOf(record)
      // Kept before anything stops: a crash from here on goes on cancelling.
      record.problem = problemOf(new SummonerError('job.cancelled', 'The job was cancelled.'))
      if (!job.busy && record.touched.length === 0) end(job)
      else {
        job.save()
        job.cancel()
      }
      return jobOf(record)
    },

    ended: (id) => live.get(id)?.ended ?? Promise.resolve().then(() => jobOf(recordOf(id))),

    active(minion) {
      const own = [...live.values()].filter((job) => job.record.minion === minion && !job.record.endedAt)
      const job = own.find(({ busy }) => busy) ?? own[0]
      return job && jobOf(job.record)
    },

    last(minion) {
      const record = lastEnded.get(minion) ?? store.newestEnded(minion)
      if (record) lastEnded.set(minion, record)
      return record && jobOf(record)
    },

    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    async start(replay) {
      await replayJournal(replay)
      for (const record of store.unfinished()) if (!live.has(record.id)) resume(record)
      working = true
      pump()
    },

    async stop(graceMs) {
      working = false
      let timer: NodeJS.Timeout | undefined
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs)
      })
      await Promise.race([Promise.all(running), grace])
      clearTimeout(timer)
      clearTimeout(retry)
      for (const job of live.values()) {
        if (job.busy) {
          // An orderly stop is not the job's fault; the next start counts one up.
          job.record.requeues--
          job.save()
        }
        job.abandon()
      }
    },
  }
}

function outcomeOf({ problem }: JobRecord): Job['state'] {
  if (!problem) return 'succeeded'
  return problem.code === 'job.cancelled' ? 'cancelled' : 'failed'
}

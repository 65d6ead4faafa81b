/** A job in memory: its record, its log on the way to the disk, its writes held to a few a second. */
import { SummonerError } from '../errors.ts'
import type { Job, JobChange, StepContext, StepRecord } from './job.ts'
import type { JobRecord, JobStore, LogLine } from './job-store.ts'
import { cleanLines } from './job-text.ts'

const KEEP_LINES = 10_000
const FLUSH_LINES = 200
const FLUSH_MS = 100
const SAVE_MS = 200

export interface LiveDeps {
  store: JobStore
  now(): Date
  redact(text: string): string
  emit(change: JobChange): void
  /** A write failed (disk full): the job goes on, the daemon log tells. */
  lost(error: unknown, what: string): void
}

export type LiveJob = ReturnType<typeof createLiveJob>

export function createLiveJob(record: JobRecord, deps: LiveDeps) {
  const { store, now } = deps
  const abort = new AbortController()
  const done = Promise.withResolvers<Job>()
  let buffer: LogLine[] = []
  let seq = store.lastSeq(record.id)
  let flushTimer: NodeJS.Timeout | undefined
  let saveTimer: NodeJS.Timeout | undefined
  let abandoned = false

  function flush(): void {
    clearTimeout(flushTimer)
    flushTimer = undefined
    if (buffer.length === 0) return
    const lines = buffer
    buffer = []
    try {
      store.appendLines(record.id, lines, KEEP_LINES)
    } catch (error) {
      deps.lost(error, `${lines.length} log lines of job ${record.id}`)
      return
    }
    for (const line of lines) deps.emit({ type: 'log', jobId: record.id, seq: line.seq, line: line.line })
  }

  /** False when the disk refused; memory stays the truth meanwhile. */
  function save(): boolean {
    clearTimeout(saveTimer)
    saveTimer = undefined
    let saved = true
    try {
      store.save(record)
    } catch (error) {
      saved = false
      deps.lost(error, `the state of job ${record.id}`)
    }
    deps.emit({ type: 'job', job: jobOf(record) })
    return saved
  }

  function log(text: string): void {
    if (abandoned) return
    const at = now().toISOString()
    for (const line of cleanLines(text, deps.redact)) buffer.push({ seq: ++seq, at, line })
    if (buffer.length >= FLUSH_LINES) flush()
    else flushTimer ??= setTimeout(flush, FLUSH_MS)
  }

  return {
    record,
    signal: abort.signal,
    cancel: () => abort.abort(new SummonerError('job.cancelled', 'The job was cancelled.')),
    ended: done.promise,
    end: () => done.resolve(jobOf(record)),
    busy: false,
    log,
    flush,
    save,
    abandoned: () => abandoned,
    /** The daemon goes away with this job unfinished: whatever its steps still do is no longer written. */
    abandon(): void {
      clearTimeout(saveTimer)
      flush()
      abandoned = true
    },
    context: (step: StepRecord, signal: AbortSignal): StepContext => ({
      jobId: record.id,
      signal,
      log,
      progress(done, total, unit, message) {
        if (abandoned) return
        step.progress = { done, total, unit }
        if (message !== undefined) step.message = cleanLines(message, deps.redact).at(-1) ?? ''
        saveTimer ??= setTimeout(save, SAVE_MS)
      },
      journal(entry) {
        // Refused rather than lost: the act must not happen without its entry.
        if (abandoned) throw new SummonerError('job.interrupted', 'Summoner is stopping.')
        store.enter(record.id, entry, now().toISOString())
      },
      settle(key) {
        if (!abandoned) store.settle(record.id, key)
      },
    }),
  }
}

/** What the API shows of a record, detached from it. */
export function jobOf(record: JobRecord): Job {
  const { seq: _seq, input: _input, touched: _touched, requeues: _requeues, ...job } = record
  return { ...job, steps: job.steps.map((step) => ({ ...step })) }
}

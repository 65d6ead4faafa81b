/** A job: one long operation, persisted, made of named steps with undo. */
import { Type, type Static } from 'typebox'
import type { Problem } from '../errors.ts'

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const
export type JobState = (typeof JOB_STATES)[number]

export const StepSchema = Type.Object({
  name: Type.String(),
  state: Type.Union([
    Type.Literal('pending'),
    Type.Literal('running'),
    Type.Literal('succeeded'),
    Type.Literal('failed'),
    Type.Literal('skipped'),
    Type.Literal('undone'),
  ]),
  startedAt: Type.Optional(Type.String()),
  endedAt: Type.Optional(Type.String()),
  /** What the step says about itself: the last line, or a bar. */
  message: Type.Optional(Type.String()),
  progress: Type.Optional(Type.Object({ done: Type.Number(), total: Type.Number(), unit: Type.String() })),
})
export type StepRecord = Static<typeof StepSchema>

export const JobSchema = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  /** FIFO lane; absent for jobs of the whole box. */
  minion: Type.Optional(Type.String()),
  state: Type.Enum(JOB_STATES),
  actor: Type.String(),
  createdAt: Type.String(),
  startedAt: Type.Optional(Type.String()),
  endedAt: Type.Optional(Type.String()),
  steps: Type.Array(StepSchema),
  result: Type.Optional(Type.Unknown()),
  problem: Type.Optional(Type.Unsafe<Problem>(Type.Object({}, { additionalProperties: true }))),
})
export type Job = Static<typeof JobSchema>

/** What a running step may do. Everything it says is persisted and streamed. */
export interface StepContext {
  jobId: string
  signal: AbortSignal
  /** Appends one line to the job's log (secrets are redacted by the runner). */
  log(line: string): void
  progress(done: number, total: number, unit: string, message?: string): void
  /** Journals what must be undone, before it is done; survives a kill -9. Returns the entry's key for `settle`. */
  journal(entry: JournalEntry): void
  settle(key: string): void
}

/** e.g. `{key: 'start:cloud', kind: 'start', minion: 'cloud', data: {containers: [...]}}`: replayed at boot unless settled. */
export interface JournalEntry {
  key: string
  kind: string
  minion?: string
  data?: unknown
}

/** One step. `undo` runs in reverse order for every step that ran (also the failed one) when a later step fails or the job is cancelled. */
export interface Step {
  name: string
  run(context: StepContext): Promise<void>
  undo?(context: StepContext): Promise<void>
  /** Steps that must not be cut by a cancel (undo still follows). */
  uncancellable?: boolean
}

/** How a kind of job is made. `input` is the persisted JSON the job was submitted with. */
export interface JobKind<Input = unknown> {
  kind: string
  steps(input: Input): Step[] | Promise<Step[]>
  /** A lane of its own beside those of the minions: jobs of the same lane run one after the other. */
  lane?(input: Input): string
  /** After a crash: `requeue` runs the idempotent job again from its first step, `interrupt` leaves it `interrupted`. */
  afterCrash: 'requeue' | 'interrupt'
  /** Shown to the caller once succeeded, stored on the job; never secrets. */
  result?(input: Input): unknown
}

export interface Jobs {
  register<Input>(kind: JobKind<Input>): void
  /** Persists and queues; FIFO per minion, parallel across minions. */
  submit(request: { kind: string; minion?: string; input: unknown; actor: string }): Job
  get(id: string): Job
  list(filter?: { minion?: string; state?: JobState; limit?: number }): Job[]
  logs(id: string, after?: number, limit?: number): { seq: number; at: string; line: string }[]
  cancel(id: string): Job
  /** Resolves when the job has ended, whatever the outcome. */
  ended(id: string): Promise<Job>
  /** The unfinished or newest job of a minion, for `statusOf`. */
  active(minion: string): Job | undefined
  last(minion: string): Job | undefined
  /** Live changes: job snapshots and log lines. */
  subscribe(listener: (change: JobChange) => void): () => void
  /** Boot: replays the journal through `replay`, requeues or interrupts orphans, then starts working. */
  start(replay: (entry: JournalEntry & { jobId: string }) => Promise<void>): Promise<void>
  /** Stops taking jobs and waits up to `graceMs` for running ones; the rest stay `running` for the next boot. */
  stop(graceMs: number): Promise<void>
}

export type JobChange = { type: 'job'; job: Job } | { type: 'log'; jobId: string; seq: number; line: string }

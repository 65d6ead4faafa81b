/** Runs a job's steps, and undoes them in reverse when one fails or the job is cancelled. Knows no database. */
import { asSummonerError, SummonerError, type Problem } from '../errors.ts'
import type { Step, StepContext, StepRecord } from './job.ts'

/** The part of a job that running changes. `problem` present means: undoing. */
export interface Running {
  steps: StepRecord[]
  touched: string[]
  problem?: Problem
}

export interface RunDeps {
  now(): Date
  signal: AbortSignal
  /** Context of one step; `signal` as that step may see it. */
  context(step: StepRecord, signal: AbortSignal): StepContext
  /** Called after every change of a step's state. */
  changed(): void
  /** True once the daemon gave up waiting: nothing may be written any more. */
  abandoned(): boolean
  problemOf(error: SummonerError): Problem
  internal(error: SummonerError, step: string): void
}

const NEVER = new AbortController().signal

/** Returns false when abandoned; else `job.problem` tells how it went. */
export async function runSteps(job: Running, steps: readonly Step[], deps: RunDeps): Promise<boolean> {
  const stamp = () => deps.now().toISOString()
  const fail = (error: unknown, step: string) => {
    const known = asSummonerError(error)
    if (known.code === 'internal') deps.internal(known, step)
    return known
  }

  const undoOnly = job.problem !== undefined
  const before = new Map(job.steps.map((record) => [record.name, record]))
  job.steps = steps.map(
    (step) => (undoOnly && before.get(step.name)) || { name: step.name, state: 'pending' },
  )
  const paired = steps.map((step, index) => ({ step, record: job.steps[index] as StepRecord }))

  for (const { step, record } of undoOnly ? [] : paired) {
    if (deps.abandoned()) return false
    if (deps.signal.aborted) break
    Object.assign(record, { state: 'running', startedAt: stamp() })
    if (!job.touched.includes(step.name)) job.touched.push(step.name)
    deps.changed()
    try {
      await step.run(deps.context(record, step.uncancellable ? NEVER : deps.signal))
      if (deps.abandoned()) return false
      Object.assign(record, { state: 'succeeded', endedAt: stamp() })
    } catch (error) {
      if (deps.abandoned()) return false
      Object.assign(record, { state: 'failed', endedAt: stamp() })
      // A cancel has set its own problem already; what the cut step threw is only its echo.
      if (!job.problem) job.problem = deps.problemOf(fail(error, step.name))
    }
    deps.changed()
    if (job.problem) break
  }
  if (!job.problem) return true

  for (const { step, record } of paired.toReversed()) {
    if (deps.abandoned()) return false
    if (!step.undo || !job.touched.includes(step.name) || record.state === 'undone') continue
    const context = deps.context(record, NEVER)
    try {
      await step.undo(context)
      if (deps.abandoned()) return false
      Object.assign(record, { state: 'undone', endedAt: stamp() })
    } catch (error) {
      if (deps.abandoned()) return false
      const { message } = fail(error, step.name)
      Object.assign(record, { state: 'failed', endedAt: stamp() })
      context.log(`Undoing "${step.name}" failed: ${message}`)
    }
    deps.changed()
  }
  for (const record of job.steps) if (record.state === 'pending') record.state = 'skipped'
  return true
}

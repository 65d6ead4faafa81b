/** A job as a check-list: pure, so that the same job always gives the same lines. */
import type { Job, StepRecord } from '../jobs/job.ts'
import type { Style } from './style.ts'
import { clean, displayWidth, fit, truncate } from './text.ts'
import { bytes, duration } from './units.ts'

export interface View {
  now: number
  width: number
  style: Style
  /** Counts redraws: turns the sign of the running step. */
  frame: number
  /** Newest line of the job's log. */
  lastLine?: string
}

const SPIN = ['◐', '◓', '◑', '◒']
const ENDED: readonly Job['state'][] = ['succeeded', 'failed', 'cancelled', 'interrupted']

export const hasEnded = (job: Job) => ENDED.includes(job.state)
export const titleOf = (job: Job) => clean(job.minion ? `${job.kind} ${job.minion}` : job.kind)

export function mark(state: StepRecord['state'], style: Style, frame = 0): string {
  const marks = {
    pending: style.dim('·'),
    running: style.blue(SPIN[frame % SPIN.length] ?? '◐'),
    succeeded: style.green('✔'),
    failed: style.red('✖'),
    skipped: style.dim('–'),
    undone: style.yellow('↩'),
  }
  return marks[state]
}

/** Every step of one job, with the running one opened. */
export function renderJob(job: Job, view: View): string[] {
  const lines: string[] = []
  const widest = Math.min(44, Math.max(16, ...job.steps.map((step) => displayWidth(clean(step.name)))))
  for (const step of job.steps) {
    const took = tookOf(step, view.now)
    const room = Math.max(4, view.width - 4 - (took ? displayWidth(took) + 2 : 0))
    const name = fit(clean(step.name), Math.min(room, widest))
    const text = step.state === 'pending' || step.state === 'skipped' ? view.style.dim(name) : name
    lines.push(
      `  ${mark(step.state, view.style, view.frame)} ${took ? `${text}  ${view.style.dim(took)}` : text}`.trimEnd(),
    )
    if (step.state === 'running') lines.push(...inside(step, view))
    if (step.state === 'failed' && step.message)
      lines.push(truncate(`      ${clean(step.message)}`, view.width))
  }
  if (job.state === 'queued') lines.push(view.style.dim(truncate('  waiting for its turn', view.width)))
  return lines
}

/** One line a job, for many jobs at once. */
export function renderJobs(jobs: readonly Job[], view: View): string[] {
  const names = Math.min(24, Math.max(4, ...jobs.map((job) => displayWidth(titleOf(job)))))
  return jobs.map((job) => {
    const running = job.steps.find((step) => step.state === 'running')
    const done = job.steps.filter((step) => step.state === 'succeeded' || step.state === 'skipped').length
    const at = job.startedAt
      ? tookOf({ startedAt: job.startedAt, ...(job.endedAt ? { endedAt: job.endedAt } : {}) }, view.now)
      : ''
    const says = hasEnded(job)
      ? (job.problem?.detail ?? job.state)
      : running
        ? `${running.name}${running.message ? `: ${running.message}` : ''}`
        : job.state
    const text = `${fit(titleOf(job), names)}  ${done}/${job.steps.length}  ${at ? `${at}  ` : ''}${clean(says)}`
    return `  ${mark(stateMark(job), view.style, view.frame)} ${truncate(text, Math.max(1, view.width - 4))}`
  })
}

export function bar(progress: NonNullable<StepRecord['progress']>, width: number): string {
  const { done, total, unit } = progress
  const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0
  const figures =
    unit === 'B' || unit === 'bytes'
      ? `${bytes(done)} of ${bytes(total)}`
      : `${done} of ${total} ${clean(unit)}`
  const percent = `${String(Math.floor(part * 100)).padStart(3)} %`
  const cells = Math.min(30, width - displayWidth(figures) - 9)
  if (cells < 5) return truncate(`${percent}  ${figures}`, width)
  const full = Math.floor(part * cells)
  return `${'█'.repeat(full)}${'░'.repeat(cells - full)} ${percent}  ${figures}`
}

function inside(step: StepRecord, view: View): string[] {
  const lines: string[] = []
  if (step.progress && step.progress.total > 0) lines.push(`      ${bar(step.progress, view.width - 6)}`)
  const says = step.message ?? view.lastLine
  if (says) lines.push(view.style.dim(truncate(`      ${clean(says)}`, view.width)))
  return lines
}

function tookOf(step: { startedAt?: string; endedAt?: string }, now: number): string {
  if (!step.startedAt) return ''
  return duration((step.endedAt ? Date.parse(step.endedAt) : now) - Date.parse(step.startedAt))
}

function stateMark(job: Job): StepRecord['state'] {
  if (job.state === 'succeeded') return 'succeeded'
  if (job.state === 'queued') return 'pending'
  return job.state === 'running' ? 'running' : 'failed'
}

/** What changed between two snapshots, as plain lines for pipes and logs. */
export function changesBetween(before: Job | undefined, after: Job): string[] {
  const label = clean(after.minion ?? after.kind)
  return after.steps.flatMap((step, index) => {
    const previous = before?.steps[index]?.state ?? 'pending'
    if (previous === step.state) return []
    const took = step.startedAt && step.endedAt ? ` (${tookOf(step, 0)})` : ''
    const name = clean(step.name)
    if (step.state === 'running') return [`${label}: ${name} …`]
    if (step.state === 'succeeded') return [`${label}: ${name}: done${took}`]
    if (step.state === 'failed')
      return [`${label}: ${name}: failed${took}${step.message ? `: ${clean(step.message)}` : ''}`]
    return [`${label}: ${name}: ${step.state}`]
  })
}

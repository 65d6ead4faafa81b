/** How ended jobs become words and an exit code. */
import type { Job } from '../jobs/job.ts'
import type { Context } from './command.ts'
import { renderComplaint } from './complaint-view.ts'
import { titleOf } from './progress.ts'
import type { Complaint } from './refusal.ts'

export function complaintOf(job: Job): Complaint | undefined {
  if (job.state === 'succeeded') return undefined
  if (job.problem) return { ...job.problem, title: job.problem.title ?? 'The job failed' }
  if (job.state === 'cancelled')
    return { title: 'The job was cancelled', detail: `\`${titleOf(job)}\` was undone as far as it had come.` }
  return {
    title: job.state === 'interrupted' ? 'The job was interrupted' : 'The job failed',
    detail: `\`${titleOf(job)}\` did not finish.`,
    hint: `Read \`summoner job ${job.id} log\`, then repeat it.`,
  }
}

/** Tells what went wrong, for people; the exit code says it to scripts. */
export function reportFailures(
  jobs: readonly Job[],
  { out, source }: Pick<Context, 'out' | 'source'>,
): number {
  let code = 0
  for (const job of jobs) {
    const complaint = complaintOf(job)
    if (!complaint) continue
    code = 1
    const title = jobs.length > 1 ? `${titleOf(job)}: ${complaint.title}` : complaint.title
    out.note(
      ...renderComplaint({ ...complaint, title }, { style: out.style, width: out.width(), source }),
      `  Log: summoner job ${job.id} log`,
    )
  }
  return code
}

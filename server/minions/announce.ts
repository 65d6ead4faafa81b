/** A job of a minion that failed is news for the whole team, told once. */
import type { Events } from '../events/event.ts'
import type { JobChange } from '../jobs/job.ts'

/** A minion whose backup, restore or proof failed runs as before; their own room tells. */
const TOLD_ELSEWHERE = new Set(['backup', 'restore', 'prove'])

export function announceFailures(events: Pick<Events, 'append'>): (change: JobChange) => void {
  const told = new Set<string>()
  return (change) => {
    if (change.type !== 'job' || change.job.state !== 'failed' || told.has(change.job.id)) return
    const { id, kind, minion, problem } = change.job
    told.add(id)
    if (!minion || TOLD_ELSEWHERE.has(kind)) return
    const title = `${minion}: ${kind} failed. ${problem?.detail ?? ''}`.trim()
    events.append({
      type: 'minion.failed',
      minion,
      severity: 'error',
      title,
      data: { job: id, kind, code: problem?.code },
    })
  }
}

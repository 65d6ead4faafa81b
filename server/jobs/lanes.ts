/** Which waiting jobs may run now: one per minion, several minions at once, the box's own beside them. */

interface Lined {
  record: { seq: number; minion?: string; endedAt?: string }
  busy: boolean
}

/** Oldest first, whatever order they were put back in. */
export function waiting<J extends Lined>(jobs: Iterable<J>): J[] {
  return [...jobs]
    .filter((job) => !job.busy && job.record.endedAt === undefined)
    .sort((a, b) => a.record.seq - b.record.seq)
}

/** A job of the whole box takes none of the minions' places: it may wait for jobs of theirs. */
export function startable<J extends Lined>(jobs: readonly J[], concurrency: number): J[] {
  const lanes = new Set(jobs.filter((job) => job.busy).map((job) => job.record.minion))
  const room = () => concurrency - [...lanes].filter((lane) => lane !== undefined).length
  return waiting(jobs).filter(({ record: { minion } }) => {
    if (lanes.has(minion) || (minion !== undefined && room() <= 0)) return false
    lanes.add(minion)
    return true
  })
}

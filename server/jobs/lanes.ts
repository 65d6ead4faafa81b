/** Which waiting jobs may run now: one per minion, several minions at once, the box's own beside them. */

interface Lined {
  record: { seq: number; minion?: string; endedAt?: string }
  /** Where its kind has lanes of its own, beside those of the minions and that of the box. */
  lane?: string
  busy: boolean
}

export const laneOf = ({ lane, record }: Pick<Lined, 'lane' | 'record'>): string | undefined =>
  lane ?? record.minion

/** Oldest first, whatever order they were put back in. */
export function waiting<J extends Lined>(jobs: Iterable<J>): J[] {
  return [...jobs]
    .filter((job) => !job.busy && job.record.endedAt === undefined)
    .sort((a, b) => a.record.seq - b.record.seq)
}

/** A job of the whole box takes none of the minions' places: it may wait for jobs of theirs. */
export function startable<J extends Lined>(
  jobs: readonly J[],
  concurrency: number,
  /** Minions that others wait for: were they to wait for a place too, nobody would ever go on. */
  awaited: (minion: string) => boolean = () => false,
): J[] {
  const busy = jobs.filter((job) => job.busy)
  const lanes = new Set(busy.map(laneOf))
  const counted = (minion: string | undefined): minion is string => minion !== undefined && !awaited(minion)
  const minions = new Set(busy.map(({ record }) => record.minion).filter(counted))
  return waiting(jobs).filter((job) => {
    const lane = laneOf(job)
    const { minion } = job.record
    if (lanes.has(lane) || (counted(minion) && minions.size >= concurrency)) return false
    lanes.add(lane)
    if (counted(minion)) minions.add(minion)
    return true
  })
}

/**
 * Memory of a daemon that mostly waits: little for new objects, given back after work. V8 keeps its heap as large as the busiest
 * moment, and others on a small server need it. While much happens at once there is room, or half of the time would go into
 * clearing it.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Jobs } from '../jobs/job.ts'

const QUIET_MS = 10_000
/** Bounds of the young generation: it stays at its smallest, or doubles until it is large enough. */
const SMALL = '--semi-space-growth-factor=1'
const ROOMY = '--semi-space-growth-factor=2'

interface GiveBackDeps {
  jobs: Pick<Jobs, 'subscribe'>
  collect?(): void
  setFlags?(flags: string): void
  quietMs?: number
}

/** Collects once, when the start, the last change of a job or the last crowd lies a while back. */
export function createGiveBack({
  jobs,
  collect = collector(),
  setFlags = setFlagsFromString,
  quietMs = QUIET_MS,
}: GiveBackDeps) {
  let roomy = false
  const rest = () => {
    if (roomy) setFlags(SMALL)
    roomy = false
    collect()
  }
  const timer = setTimeout(rest, quietMs).unref()
  const unsubscribe = jobs.subscribe(() => timer.refresh())
  return {
    /** Many want something at the same time. */
    crowd() {
      if (!roomy) setFlags(ROOMY)
      roomy = true
      timer.refresh()
    },
    stop() {
      clearTimeout(timer)
      unsubscribe()
    },
  }
}

/** `last-resort` also shrinks what is reserved; it takes about 0.1 s, so never in the middle of work. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: { type: 'major'; flavor: 'last-resort' }) => void
  return () => gc({ type: 'major', flavor: 'last-resort' })
}

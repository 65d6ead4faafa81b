/** Gives memory back after work: V8 keeps its heap as large as the busiest moment, and others on a small server need it. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Jobs } from '../jobs/job.ts'

const QUIET_MS = 10_000

interface GiveBackDeps {
  jobs: Pick<Jobs, 'subscribe'>
  collect?(): void
  quietMs?: number
}

/** Collects once, when the start or the last change of a job lies a while back. */
export function createGiveBack({ jobs, collect = collector(), quietMs = QUIET_MS }: GiveBackDeps) {
  const timer = setTimeout(collect, quietMs).unref()
  const unsubscribe = jobs.subscribe(() => timer.refresh())
  return {
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

/** What becomes of a job that was running when the daemon died. */
import type { JobKind } from './job.ts'

/** A job that takes the daemon down with it is tried this often again, and then undone this often. */
export const MAX_REQUEUES = 3
export const MAX_UNDOS = 3

/**
 * - `requeue`: runs again from its first step
 * - `undo`: its undos run (again), then it ends as it was about to, or as crashed
 * - `interrupt`: left as it is, for a person
 * - `give-up`: ends as failed, untouched: even its undo takes the daemon down
 */
export type Fate = 'requeue' | 'undo' | 'interrupt' | 'give-up'

/** `requeues` counts the crashes so far, the present one included. */
export function fateOf(
  job: { requeues: number; undoing: boolean },
  kind: Pick<JobKind, 'afterCrash'> | undefined,
): Fate {
  if (!kind) return 'interrupt'
  if (job.requeues > MAX_REQUEUES + MAX_UNDOS) return 'give-up'
  if (job.undoing) return 'undo'
  if (kind.afterCrash === 'interrupt') return 'interrupt'
  return job.requeues > MAX_REQUEUES ? 'undo' : 'requeue'
}

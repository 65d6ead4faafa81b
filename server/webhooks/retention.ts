/** What was delivered is forgotten after a week, what was given up after a month: until then it may be sent again. */
import type { Clock } from './dispatch.ts'
import type { RunStore } from './run-store.ts'

const DAY = 86_400_000
const KEEP = { done: 7 * DAY, failed: 30 * DAY, memory: 90 * DAY }
const EVERY = 3_600_000

export function createKeepers({
  runs,
  clock,
  onError,
}: {
  runs: RunStore
  clock: Clock
  onError(error: unknown): void
}) {
  let cancel = () => {}
  const later = (milliseconds: number) => void (cancel = clock.after(milliseconds, sweep))

  /** A piece at a time: others wait for the database too. */
  function sweep(): void {
    try {
      const now = clock.now()
      const forgotten = runs.forget('done', now - KEEP.done) + runs.forget('failed', now - KEEP.failed)
      if (forgotten > 0) return later(50)
      runs.forgetRest(now - KEEP.memory)
    } catch (error) {
      onError(error)
    }
    later(EVERY)
  }

  return { start: () => later(60_000), stop: () => cancel(), sweep }
}

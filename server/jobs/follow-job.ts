/** A job as it goes: snapshot, log lines, changes, until it has ended. Read from the store, so a slow reader skips snapshots, never lines. */
import type { Job, Jobs } from './job.ts'

export type JobNews = { type: 'job'; job: Job } | { type: 'log'; seq: number; line: string }

const PAGE = 500

export async function* followJob(
  jobs: Pick<Jobs, 'get' | 'logs' | 'subscribe'>,
  id: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<JobNews> {
  let changed = false
  let wake = Promise.withResolvers<void>()
  const unsubscribe = jobs.subscribe((change) => {
    if ((change.type === 'job' ? change.job.id : change.jobId) !== id) return
    if (change.type === 'job') changed = true
    wake.resolve()
  })
  const onAbort = () => wake.resolve()
  signal.addEventListener('abort', onAbort)
  try {
    let job = jobs.get(id)
    yield { type: 'job', job }
    while (!signal.aborted) {
      const fresh = changed
      changed = false
      if (fresh) job = jobs.get(id)
      let page: ReturnType<typeof jobs.logs>
      do {
        page = jobs.logs(id, after, PAGE)
        for (const { seq, line } of page) {
          after = seq
          yield { type: 'log', seq, line }
        }
      } while (page.length === PAGE && !signal.aborted)
      // Behind its lines: readers stop at the snapshot that says it ended.
      if (fresh) yield { type: 'job', job }
      if (job.endedAt) return
      await wake.promise
      wake = Promise.withResolvers()
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Follows jobs to their end, live; outlives a restart of the daemon. */
import type { Job } from '../jobs/job.ts'
import { isUnreachable, type Api } from './api.ts'
import type { Context, World } from './command.ts'
import { createLive } from './live.ts'
import { changesBetween, hasEnded, renderJob, renderJobs, titleOf, type View } from './progress.ts'
import { Refusal } from './refusal.ts'
import { clean } from './text.ts'

/** Thrown by Ctrl-C: the job goes on, the command ends. */
export class Interrupted extends Error {}

const PATIENCE_MS = 120_000
const PAUSE_MS = 500
const REDRAW_MS = 120

interface Followed {
  job: Job
  lastLine?: string
}

/** The jobs as they ended, in the order given. */
export async function followJobs(jobs: readonly Job[], context: Context): Promise<Job[]> {
  const { out, world } = context
  const followed: Followed[] = jobs.map((job) => ({ job }))
  const stop = new AbortController()
  const off = world.onInterrupt(() => stop.abort())
  const display = createDisplay(followed, context)
  try {
    await Promise.all(
      followed.map(async (one) => {
        for await (const change of changesOf(one.job, context.api, world, stop.signal)) {
          const before = one.job
          if (change.line !== undefined) one.lastLine = change.line
          if (change.job) one.job = change.job
          display.changed(before, one.job)
        }
      }),
    )
  } catch (error) {
    if (!stop.signal.aborted) throw error
    display.close()
    const open = followed.filter(({ job }) => !hasEnded(job)).map(({ job }) => job)
    out.note('', ...open.flatMap(goesOn))
    throw new Interrupted()
  } finally {
    off()
    display.close()
  }
  return followed.map(({ job }) => job)
}

const goesOn = (job: Job) => [
  `The job \`${titleOf(job)}\` goes on without this window.`,
  `  Follow it again: summoner job ${clean(job.id)} follow`,
  `  Cancel it:       summoner job ${clean(job.id)} cancel`,
]

/** Snapshots and log lines until the job has ended. */
export async function* changesOf(
  first: Job,
  api: Api,
  world: Pick<World, 'now' | 'sleep'>,
  signal: AbortSignal,
): AsyncGenerator<{ job?: Job; line?: string }> {
  let job = first
  let seen = -1
  let lostAt: number | undefined
  while (!hasEnded(job)) {
    signal.throwIfAborted()
    try {
      for await (const { event, data } of api.stream(`/jobs/${encodeURIComponent(job.id)}/events`, {
        signal,
        ...(seen > 0 ? { lastEventId: String(seen) } : {}),
      })) {
        lostAt = undefined
        if (event === 'job') {
          job = JSON.parse(data) as Job
          yield { job }
        } else if (event === 'log') {
          const { seq, line } = JSON.parse(data) as { seq: number; line: string }
          if (seq > seen) yield { line }
          seen = Math.max(seen, seq)
        }
        if (hasEnded(job)) return
      }
    } catch (error) {
      signal.throwIfAborted()
      if (!isUnreachable(error)) throw error
      lostAt ??= world.now()
      if (world.now() - lostAt > PATIENCE_MS)
        throw new Refusal({
          title: 'The Summoner daemon went away',
          detail: `The job ${job.id} continues, or is cleaned up, when the daemon is back.`,
          hint: `See \`systemctl status summoner\`, then \`summoner job ${job.id}\`.`,
        })
      yield { line: 'The daemon does not answer; waiting for it …' }
    }
    await world.sleep(PAUSE_MS)
  }
}

function createDisplay(followed: Followed[], { out, world }: Context) {
  if (!out.terminal)
    return {
      changed: (before: Job, after: Job) => out.line(...changesBetween(before, after)),
      close: () => {},
    }
  const live = createLive(out)
  let frame = 0
  let open = true
  const draw = () => {
    const view: View = { now: world.now(), width: out.width() - 1, style: out.style, frame }
    const [only] = followed
    live.draw(
      followed.length === 1 && only
        ? renderJob(only.job, only.lastLine === undefined ? view : { ...view, lastLine: only.lastLine })
        : renderJobs(
            followed.map(({ job }) => job),
            view,
          ),
    )
  }
  const timer = setInterval(() => {
    frame++
    draw()
  }, REDRAW_MS)
  return {
    changed: () => {},
    close: () => {
      if (!open) return
      open = false
      clearInterval(timer)
      draw()
      live.done()
    },
  }
}

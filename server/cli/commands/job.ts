import type { Job } from '../../jobs/job.ts'
import type { Command } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { hasEnded, renderJob, titleOf } from '../progress.ts'
import { clean } from '../text.ts'

export const job: Command = {
  name: 'job',
  summary: 'show, follow or cancel one job',
  arguments: [
    { name: 'ID', completes: 'job' },
    { name: 'ACTION', optional: true, values: ['show', 'log', 'follow', 'cancel'] },
  ],
  examples: ['summoner job 01JH…', 'summoner job 01JH… log', 'summoner job 01JH… cancel'],
  run: async (context) => {
    const { args, api, out, world } = context
    const [id = '', action = 'show'] = args
    const path = `/jobs/${encodeURIComponent(id)}`
    if (action === 'cancel') {
      const cancelled = await api.call<Job>('POST', `${path}/cancel`)
      out.document(cancelled)
      out.line(
        `${out.style.yellow('↩')} \`${titleOf(cancelled)}\` is cancelled; what it had done is being undone.`,
      )
      return 0
    }
    if (action === 'log') {
      const lines = await api.list<{ seq: number; at: string; line: string }>(`${path}/log`, 'lines')
      out.document({ lines })
      out.line(...lines.map(({ at, line }) => `${out.style.dim(at.slice(11, 19))} ${clean(line)}`))
      return 0
    }
    const found = await api.call<Job>('GET', path)
    if (action === 'follow' && !hasEnded(found)) {
      const ended = await followJobs([found], context)
      out.document(ended[0])
      return reportFailures(ended, context)
    }
    out.document(found)
    out.line(
      `${out.style.bold(titleOf(found))}  ${found.state}, by ${clean(found.actor)}`,
      ...renderJob(found, { now: world.now(), width: out.width() - 1, style: out.style, frame: 0 }),
    )
    if (hasEnded(found)) reportFailures([found], context)
    return 0
  },
}

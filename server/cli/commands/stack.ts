import type { Job } from '../../jobs/job.ts'
import type { Command } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { clean } from '../text.ts'

const stack = (verb: 'up' | 'down', summary: string, done: string): Command => ({
  name: verb,
  summary,
  arguments: [{ name: 'STACK' }],
  examples: [`summoner ${verb} utility`],
  run: async (context) => {
    const { args, api, out } = context
    const [name = ''] = args
    const { jobs } = await api.call<{ jobs: Job[] }>('POST', `/stacks/${encodeURIComponent(name)}/${verb}`)
    const ended = await followJobs(jobs, context)
    out.document({ jobs: ended })
    const code = reportFailures(ended, context)
    if (code === 0)
      out.line(
        `${out.style.green('✔')} Stack ${clean(name)} ${jobs.length === 0 ? `already ${done}` : done}.`,
      )
    return code
  },
})

export const up = stack('up', 'start every minion of a stack', 'is up')
export const down = stack('down', 'stop every minion of a stack', 'is down')

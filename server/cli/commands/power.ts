import type { Job } from '../../jobs/job.ts'
import type { Command } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { clean } from '../text.ts'

const power = (verb: 'start' | 'stop' | 'restart', summary: string, done: string): Command => ({
  name: verb,
  summary,
  arguments: [{ name: 'MINION', repeat: true, completes: 'minion' }],
  examples: [`summoner ${verb} wordpress`, `summoner ${verb} wordpress ghost`],
  run: async (context) => {
    const { args, api, out } = context
    const jobs: Job[] = []
    for (const name of args)
      jobs.push((await api.call<{ job: Job }>('POST', `/minions/${encodeURIComponent(name)}/${verb}`)).job)
    const ended = await followJobs(jobs, context)
    out.document({ jobs: ended })
    for (const [index, name] of args.entries())
      if (ended[index]?.state === 'succeeded') out.line(`${out.style.green('✔')} ${clean(name)} ${done}.`)
    return reportFailures(ended, context)
  },
})

export const start = power('start', 'start a stopped minion', 'runs')
export const stop = power('stop', 'stop a minion; it stays stopped until `start`', 'is stopped')
export const restart = power('restart', 'restart a minion', 'was restarted')

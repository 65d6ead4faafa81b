import type { Job } from '../../jobs/job.ts'
import type { Command } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { agrees } from '../prompt.ts'
import { clean } from '../text.ts'

const PROXY = 'nginx'
const NOBODY_ANSWERS = `${PROXY} is the proxy of this box: without it no site answers, nor the page, until \`summoner start ${PROXY}\`.`

const power = (verb: 'start' | 'stop' | 'restart', summary: string, done: string): Command => ({
  name: verb,
  summary,
  arguments: [{ name: 'MINION', repeat: true, completes: 'minion' }],
  ...(verb === 'stop' ? { options: { yes: { type: 'boolean', short: 'y', help: 'do not ask' } } } : {}),
  examples: [`summoner ${verb} wordpress`, `summoner ${verb} wordpress ghost`],
  run: async (context) => {
    const { args, api, out, options, world } = context
    if (verb === 'stop' && args.includes(PROXY)) {
      out.line(NOBODY_ANSWERS)
      const ask = out.json || options.flag('yes') ? undefined : world.ask
      if (ask && !(await agrees(ask))) {
        out.line('Nothing was stopped.')
        return 1
      }
    }
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

import type { Job } from '../../jobs/job.ts'
import type { StackSum } from '../../minions/stack.ts'
import type { Command, Context } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { agrees } from '../prompt.ts'
import { Refusal } from '../refusal.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'

const GIB = 1024

export const up: Command = {
  name: 'up',
  summary: 'start every minion of a stack, after showing what they take together',
  arguments: [{ name: 'STACK' }],
  options: { yes: { type: 'boolean', short: 'y', help: 'do not ask' } },
  examples: ['summoner up utility', 'summoner up utility --yes'],
  run: async (context) => {
    const { args, api, options, out, world } = context
    const [name = ''] = args
    const sum = await api.call<StackSum>('GET', `/stacks/${encodeURIComponent(name)}`)
    show(sum, context)
    const ask = out.json ? undefined : world.ask
    if (!options.flag('yes')) {
      if (!ask)
        throw new Refusal({
          code: 'stack.confirm',
          title: 'This brings up a whole stack',
          detail: words(sum),
          hint: 'Repeat with --yes.',
        })
      if (!(await agrees(ask))) {
        out.line('Nothing was started.')
        return 1
      }
    }
    return carryOut(name, 'up', 'is up', context)
  },
}

export const down: Command = {
  name: 'down',
  summary: 'stop every minion of a stack',
  arguments: [{ name: 'STACK' }],
  examples: ['summoner down utility'],
  run: (context) => carryOut(context.args[0] ?? '', 'down', 'is down', context),
}

async function carryOut(name: string, verb: 'up' | 'down', done: string, context: Context): Promise<number> {
  const { api, out } = context
  const { jobs } = await api.call<{ jobs: Job[] }>('POST', `/stacks/${encodeURIComponent(name)}/${verb}`)
  const ended = await followJobs(jobs, context)
  out.document({ jobs: ended })
  const code = reportFailures(ended, context)
  if (code === 0)
    out.line(`${out.style.green('✔')} Stack ${clean(name)} ${jobs.length === 0 ? `already ${done}` : done}.`)
  return code
}

function show(sum: StackSum, { out }: Context): void {
  out.line(
    ...renderTable(
      [
        { title: 'MINION' },
        { title: 'TEMPLATE', optional: 1 },
        { title: 'USUALLY', optional: 3 },
        { title: 'MEMORY' },
        { title: 'DISK', optional: 2 },
      ],
      sum.minions.map(({ name, template, memory, usual, disk, summoned }) => [
        name,
        template,
        usual === undefined ? '' : `${usual} MiB`,
        `${memory} MiB`,
        summoned ? 'there already' : `${disk} MiB`,
      ]),
      out.width(),
      out.style,
    ),
    words(sum),
  )
  const short = [
    ...(sum.memory > sum.host.memory ? ['memory'] : []),
    ...(sum.disk > sum.host.free_disk ? ['disk'] : []),
  ]
  if (short.length > 0)
    out.line(`${out.style.yellow('▲')} This server has too little ${short.join(' and ')} for it.`)
}

function words({ memory, disk, host }: StackSum): string {
  const gib = (mib: number) => `${(mib / GIB).toFixed(1)} GiB`
  return `Together up to ${gib(memory)} of memory (this server has ${gib(host.memory)}) and ${gib(disk)} more of disk (${gib(host.free_disk)} are free).`
}

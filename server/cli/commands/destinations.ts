import type { DestinationView } from '../../backups/destinations/destination.ts'
import type { Job } from '../../jobs/job.ts'
import type { Command, Context } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import type { Style } from '../style.ts'
import { renderTable, type Cell } from '../table.ts'
import { clean } from '../text.ts'
import { age, duration } from '../units.ts'

export const destinations: Command = {
  name: 'destinations',
  summary: 'list where copies of the backups lie, and how each of them is',
  details: 'Exit code 1 when one of them fails.',
  examples: ['summoner destinations'],
  run: async ({ api, out, world }) => {
    const list = await api.list<DestinationView>('/destinations', 'destinations')
    out.document({ destinations: list })
    if (list.length === 0)
      out.line(
        'The backups lie on this server only: name a place under `backups.destinations` in config.yml.',
      )
    else
      out.line(
        ...renderTable(
          [
            { title: 'NAME', min: 8 },
            { title: 'STATE', min: 8 },
            { title: 'SETS', align: 'right' },
            { title: 'MISSING', align: 'right', optional: 2 },
            { title: 'NEWEST', optional: 1 },
            { title: 'WHOLE', optional: 3 },
            { title: 'ADDRESS', min: 12, optional: 4 },
          ],
          list.map((one) => [
            one.name,
            stateOf(one, out.style),
            String(one.sets),
            one.missing > 0 ? String(one.missing) : '',
            one.newest ? age(one.newest, world.now()) : '',
            one.succeededAt ? age(one.succeededAt, world.now()) : 'never',
            one.to,
          ]),
          out.width(),
          out.style,
        ),
        ...failing(list, world.now(), out.style),
      )
    return list.some(({ state }) => state === 'failed') ? 1 : 0
  },
}

/** One line for each that fails. */
export function failing(list: readonly DestinationView[], now: number, style: Style): string[] {
  return list
    .filter(({ state }) => state === 'failed')
    .map(({ name, problem, since, retryAt }) => {
      const next = retryAt ? Math.max(0, Date.parse(retryAt) - now) : 0
      const when = [since ? `since ${age(since, now)}` : '', `tried again in ${duration(next)}`]
      return `${style.red('✖')} ${clean(name)}: ${clean(problem ?? '')} ${style.dim(when.filter(Boolean).join(', '))}`
    })
}

export const destinationsCopy: Command = {
  name: 'destinations copy',
  summary: 'copy what is missing at a destination now',
  arguments: [{ name: 'NAME' }],
  options: {
    'take-over': { type: 'boolean', help: 'from another server that runs as this box' },
  },
  examples: ['summoner destinations copy offsite'],
  run: async (context) => work(context, 'copy', context.options.flag('take-over') ? { takeOver: true } : {}),
}

export const destinationsCheck: Command = {
  name: 'destinations check',
  summary: 'read what lies at a destination: a quarter of it, or all',
  arguments: [{ name: 'NAME' }],
  options: { all: { type: 'boolean', help: 'every byte' } },
  examples: ['summoner destinations check offsite --all'],
  run: async (context) => work(context, 'check', context.options.flag('all') ? { all: true } : {}),
}

async function work(context: Context, verb: 'copy' | 'check', body: object): Promise<number> {
  const { args, api, out } = context
  const [name = ''] = args
  const { job } = await api.call<{ job: Job }>(
    'POST',
    `/destinations/${encodeURIComponent(name)}/${verb}`,
    body,
  )
  const [ended = job] = await followJobs([job], context)
  out.document({ job: ended })
  const code = reportFailures([ended], context)
  if (code === 0)
    out.line(
      `${out.style.green('✔')} ${clean(name)} ${verb === 'copy' ? 'holds what it should' : 'is whole'}.`,
    )
  return code
}

function stateOf({ state, job }: DestinationView, style: Style): Cell {
  if (state === 'failed') return { text: '✖ failed', paint: style.red }
  if (job) return { text: '◐ copying', paint: style.blue }
  return state === 'ok' ? { text: '✔ ok', paint: style.green } : { text: '▲ behind', paint: style.yellow }
}

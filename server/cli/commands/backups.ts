import type { DestinationView } from '../../backups/destinations/destination.ts'
import type { BackupSet, Proof } from '../../backups/set.ts'
import type { MinionVerdicts } from '../../backups/upkeep.ts'
import type { Job } from '../../jobs/job.ts'
import type { Api } from '../api.ts'
import type { Command, Context } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { agrees } from '../prompt.ts'
import { Refusal } from '../refusal.ts'
import type { Style } from '../style.ts'
import { renderTable, type Cell } from '../table.ts'
import { clean } from '../text.ts'
import { failing } from './destinations.ts'
import { age, bytes, duration } from '../units.ts'

export const backup: Command = {
  name: 'backup',
  summary: 'make a backup set of a minion, of a stack, or of all',
  arguments: [{ name: 'MINION', optional: true, repeat: true, completes: 'minion' }],
  options: {
    stack: { type: 'string', value: 'STACK', help: 'every minion of that stack' },
    stop: {
      type: 'boolean',
      help: 'stop the minion for the copy, even where a copy of the running thing is whole',
    },
  },
  examples: ['summoner backup wordpress', 'summoner backup --stack utility', 'summoner backup'],
  run: async (context) => {
    const { args, api, options, out } = context
    const jobs: Job[] = []
    const body = options.flag('stop') ? { stop: true } : {}
    for (const name of args)
      jobs.push(
        (await api.call<{ job: Job }>('POST', `/minions/${encodeURIComponent(name)}/backup`, body)).job,
      )
    const stack = options.text('stack')
    const together = stack === undefined ? '/backups' : `/stacks/${encodeURIComponent(stack)}/backup`
    if (stack !== undefined || args.length === 0)
      jobs.push(...(await api.call<{ jobs: Job[] }>('POST', together)).jobs)
    const ended = await followJobs(jobs, context)
    out.document({ jobs: ended })
    for (const job of ended) {
      if (job.state !== 'succeeded') continue
      const made = job.result as { set: string; bytes: number; added: number; downtimeMs: number }
      const rested = made.downtimeMs > 0 ? `at rest for ${duration(made.downtimeMs)}` : 'kept running'
      out.line(
        `${out.style.green('✔')} ${clean(made.set)}: ${bytes(made.bytes)}, ${bytes(made.added)} new, ${rested}.`,
      )
    }
    return reportFailures(ended, context)
  },
}

export const backups: Command = {
  name: 'backups',
  summary: 'list the backup sets',
  arguments: [{ name: 'MINION', optional: true, completes: 'minion' }],
  examples: ['summoner backups', 'summoner backups wordpress'],
  run: async ({ args, api, out, world }) => {
    const query = args[0] === undefined ? '' : `?minion=${encodeURIComponent(args[0])}`
    const sets = await api.list<BackupSet>(`/backups${query}`, 'sets')
    // an older daemon knows none
    const copies = await api.list<DestinationView>('/destinations', 'destinations').catch(() => [])
    out.document({ sets, destinations: copies })
    for (const line of failing(copies, world.now(), out.style)) out.note(line)
    if (sets.length === 0) return out.line('No backups yet: `summoner backup` makes one.')
    out.line(
      ...renderTable(
        [
          { title: 'SET' },
          { title: 'STATE', min: 8 },
          { title: 'PROOF', optional: 1 },
          { title: 'WHEN' },
          { title: 'SIZE', align: 'right' },
          { title: 'NEW', align: 'right', optional: 3 },
          { title: 'AT REST', align: 'right', optional: 2 },
          { title: 'REASON', min: 12, optional: 4 },
        ],
        sets.map((set) => [
          set.id,
          stateOf(set, out.style),
          proofOf(set, world.now(), out.style),
          age(set.at ?? set.startedAt, world.now()),
          set.bytes === undefined ? '' : bytes(set.bytes),
          set.added === undefined ? '' : bytes(set.added),
          set.downtimeMs ? duration(set.downtimeMs) : '',
          set.problem ?? (set.reason === 'restore-point' ? 'before a restore' : ''),
        ]),
        out.width(),
        out.style,
      ),
    )
  },
}

export const restoreOptions = {
  as: {
    type: 'string',
    value: 'NAME',
    help: 'a new minion of that name; the one of the set stays as it is',
  },
  subdomain: { type: 'string', value: 'LABEL', help: 'address of the clone, when it is not its name' },
  yes: { type: 'boolean', short: 'y', help: 'do not ask' },
} as const satisfies Command['options']

export const restore: Command = {
  name: 'restore',
  summary: 'put a backup set in the place of its minion, or make a clone of it',
  arguments: [{ name: 'SET', completes: 'minion' }],
  details: 'SET is the id of a set, or the name of a minion for its newest one.',
  options: restoreOptions,
  examples: ['summoner restore wordpress', 'summoner restore wordpress-20261121-030000 --as rehearsal'],
  run: async (context) => {
    const { args, api } = context
    return restoreSet(await setNamed(args[0] ?? '', api), context)
  },
}

/** Asks first where data is replaced. Returns the exit code. */
export async function restoreSet(set: BackupSet, context: Context): Promise<number> {
  const { api, options, out, world } = context
  const as = options.text('as')
  if (as === undefined && !options.flag('yes')) {
    out.line(
      `The data of ${clean(set.minion)} is replaced by that of ${age(set.at ?? set.startedAt, world.now())}.`,
      'Its present state is saved first, as a set of its own.',
    )
    if (!(await goAhead(out.json ? undefined : world.ask))) {
      out.line('Nothing was restored.')
      return 1
    }
  }
  const subdomain = options.text('subdomain')
  const { job, minion } = await api.call<{ job: Job; minion: string }>(
    'POST',
    `/backups/${encodeURIComponent(set.id)}/restore`,
    { ...(as === undefined ? {} : { as }), ...(subdomain === undefined ? {} : { subdomain }) },
  )
  const [ended = job] = await followJobs([job], context)
  out.document({ job: ended })
  const code = reportFailures([ended], context)
  const { url } = (ended.result ?? {}) as { url?: string }
  if (code === 0)
    out.line(
      `${out.style.green('✔')} ${clean(minion)} is as it was in ${clean(set.id)}.`,
      ...(url ? [`  ${clean(url)}`] : []),
    )
  return code
}

export const prove: Command = {
  name: 'prove',
  summary: 'restore a backup set beside everything, judge it, delete it again',
  arguments: [{ name: 'SET', completes: 'minion' }],
  details: 'SET is the id of a set, or the name of a minion for its newest one.',
  examples: ['summoner prove wordpress'],
  run: async (context) => {
    const { args, api, out } = context
    const set = await setNamed(args[0] ?? '', api)
    const { job } = await api.call<{ job: Job }>('POST', `/backups/${encodeURIComponent(set.id)}/prove`)
    const [ended = job] = await followJobs([job], context)
    out.document({ job: ended })
    const code = reportFailures([ended], context)
    const proof = ended.result as Proof | undefined
    if (code === 0 && proof)
      out.line(
        `${out.style.green('✔')} ${clean(set.id)} works: back within ${duration(proof.rtoMs ?? 0)}; what was made in the ${duration(proof.rpoMs ?? 0)} before would be lost.`,
        ...proof.checks.map(({ what, said }) => `  ${out.style.green('✔')} ${clean(what)}: ${clean(said)}`),
      )
    return code
  },
}

export const backupsPrune: Command = {
  name: 'backups prune',
  summary: 'remove the sets and dumps that the policy does not keep',
  options: { 'dry-run': { type: 'boolean', help: 'only tell what would stay and what would go, and why' } },
  examples: ['summoner backups prune --dry-run'],
  run: async (context) => {
    const { api, options, out } = context
    const minions = await api.list<MinionVerdicts>('/retention', 'minions')
    const rows = minions.flatMap(({ sets, dumps }) => [...sets, ...dumps])
    if (rows.length > 0)
      out.line(
        ...renderTable(
          [{ title: 'SET OR DUMP' }, { title: '' }, { title: 'WHY', min: 12 }],
          rows.map(({ set, keep, reasons }) => [
            set,
            keep ? { text: 'stays', paint: out.style.green } : { text: 'goes', paint: out.style.yellow },
            reasons.join(', '),
          ]),
          out.width(),
          out.style,
        ),
      )
    if (options.flag('dry-run')) return out.document({ minions })
    const { job } = await api.call<{ job: Job }>('POST', '/retention')
    const ended = await followJobs([job], context)
    out.document({ job: ended[0] })
    return reportFailures(ended, context)
  },
}

/** A set by its id, or the newest good one of a minion. */
async function setNamed(name: string, api: Api): Promise<BackupSet> {
  const [newest] = await api
    .list<BackupSet>(`/backups?minion=${encodeURIComponent(name)}&state=good&limit=1`, 'sets')
    .catch(
      // not a minion's name at all: then the daemon says what is wrong with it as a set
      () => [],
    )
  if (newest) return newest
  if ((await api.list<{ name: string }>('/minions', 'minions')).some((minion) => minion.name === name))
    throw new Refusal({
      title: 'No backup yet',
      detail: `Of ${name} there is no good backup set.`,
      hint: `Make one: summoner backup ${name}`,
    })
  return api.call<BackupSet>('GET', `/backups/${encodeURIComponent(name)}`)
}

async function goAhead(ask: ((question: string) => Promise<string>) | undefined): Promise<boolean> {
  if (ask) return agrees(ask)
  throw new Refusal({
    title: 'Replacing data needs a confirmation',
    detail: 'There is no terminal to ask on.',
    hint: 'Repeat with --yes once you are sure.',
  })
}

/** A failed proof outranks a good copy. */
function stateOf({ state, proof }: BackupSet, style: Style): Cell {
  if (state === 'failed' || proof?.passed === false) return { text: '✖ failed', paint: style.red }
  if (state === 'good') return { text: '✔ good', paint: style.green }
  return state === 'running'
    ? { text: '◐ running', paint: style.blue }
    : { text: '– removed', paint: style.dim }
}

function proofOf({ proof }: BackupSet, now: number, style: Style): Cell {
  if (!proof) return ''
  if (!proof.passed) return { text: `✖ ${age(proof.at, now)}`, paint: style.red }
  return { text: `✔ ${age(proof.at, now)}`, paint: style.green }
}

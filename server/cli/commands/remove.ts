import type { Job } from '../../jobs/job.ts'
import type { Minion } from '../../minions/minion.ts'
import type { Api } from '../api.ts'
import type { Command } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { agrees } from '../prompt.ts'
import { Refusal } from '../refusal.ts'
import { clean } from '../text.ts'

const ARCHIVED = 'A last archive is written to data/backups/archives/ first.'

type Shown = Pick<Minion, 'name' | 'url'> & Partial<Pick<Minion, 'template'>>

export const remove: Command = {
  name: 'remove',
  summary: 'dismiss a minion; its data stays unless --purge',
  arguments: [{ name: 'MINION', completes: 'minion' }],
  options: {
    purge: { type: 'boolean', help: 'delete its data too, after a last archive' },
    yes: { type: 'boolean', short: 'y', help: 'do not ask' },
  },
  examples: ['summoner remove wordpress', 'summoner remove wordpress --purge'],
  run: async (context) => {
    const { args, api, options, out, world } = context
    const [name = ''] = args
    const purge = options.flag('purge')
    const path = `/minions/${encodeURIComponent(name)}`
    // refused by the daemon, before anything is announced or asked
    if (name === 'nginx') await api.call('DELETE', path)
    const minion = await minionOrRemains(name, purge, api)
    out.line(...consequence(minion, purge))
    if (!options.flag('yes')) {
      const confirmed = await confirm(name, purge, out.json ? undefined : world.ask)
      if (!confirmed) {
        out.line('Nothing was removed.')
        return 1
      }
    }
    const { job } = await api.call<{ job: Job }>('DELETE', `${path}${purge ? '?purge=true' : ''}`)
    const [ended = job] = await followJobs([job], context)
    out.document({ job: ended })
    const code = reportFailures([ended], context)
    if (code === 0)
      out.line(`${out.style.green('✔')} ${clean(name)} is dismissed${purge ? ', its data deleted' : ''}.`)
    return code
  },
}

/** What an earlier `remove` left behind can still be purged; the daemon knows whether there is any. */
async function minionOrRemains(name: string, purge: boolean, api: Api): Promise<Shown> {
  try {
    return await api.call<Minion>('GET', `/minions/${encodeURIComponent(name)}`)
  } catch (error) {
    if (purge && error instanceof Refusal && error.complaint.code === 'minion.unknown') return { name }
    throw error
  }
}

function consequence(minion: Shown, purge: boolean): string[] {
  const name = clean(minion.name)
  if (minion.template === undefined)
    return [`What ${name} left is deleted: its data, its database and its passwords.`, ARCHIVED]
  const gone = `${name} is taken down${minion.url ? `: ${clean(minion.url)} no longer answers` : ''}.`
  return purge
    ? [gone, 'Its data, its database and its passwords are deleted from this server.', ARCHIVED]
    : [
        gone,
        `Its data stays in the \`${name}\` folders of vsroot and dbsroot, its passwords in data/minions/${name}/.env;`,
        `\`summoner add ${clean(minion.template)}${minion.template === minion.name ? '' : ` --name ${name}`}\` brings it back with them.`,
      ]
}

/** Where data goes the name is typed; without a terminal only --yes deletes. */
async function confirm(
  name: string,
  purge: boolean,
  ask: ((question: string) => Promise<string>) | undefined,
): Promise<boolean> {
  if (ask) {
    if (purge) return (await ask(`Type the name to delete its data: `)).trim() === name
    return agrees(ask)
  }
  if (!purge) return true
  throw new Refusal({
    title: 'Deleting data needs a confirmation',
    detail: 'There is no terminal to ask on.',
    hint: 'Repeat with --yes once you are sure.',
  })
}

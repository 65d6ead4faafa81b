import { resolve } from 'node:path'
import type { BackupSet } from '../../backups/set.ts'
import type { Job } from '../../jobs/job.ts'
import type { Command } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { Refusal } from '../refusal.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'
import { age, bytes } from '../units.ts'
import { restoreOptions, restoreSet } from './backups.ts'

export const bundleCreate: Command = {
  name: 'bundle create',
  summary: 'pack a minion into one portable file, for another machine',
  arguments: [{ name: 'MINION', completes: 'minion' }],
  details:
    'A backup set is made first, unless --set names one. The password is shown once: without it, nobody reads the file.',
  options: {
    set: { type: 'string', value: 'SET', help: 'a backup set that is there already' },
    images: { type: 'boolean', help: 'its images too, for a machine that reaches no registry' },
  },
  examples: ['summoner bundle create wordpress', 'summoner bundle create wordpress --images'],
  run: async (context) => {
    const { args, api, options, out } = context
    const set = options.text('set')
    const { job, password } = await api.call<{ job: Job; password: string }>(
      'POST',
      `/minions/${encodeURIComponent(args[0] ?? '')}/bundle`,
      { ...(set === undefined ? {} : { set }), ...(options.flag('images') ? { images: true } : {}) },
    )
    const [ended = job] = await followJobs([job], context)
    const { path } = (ended.result ?? {}) as { path?: string }
    out.document({ job: ended, ...(path === undefined ? {} : { path, password }) })
    const code = reportFailures([ended], context)
    if (code === 0)
      out.line(`${out.style.green('✔')} ${clean(path ?? '')}`, `  Password, shown only here: ${password}`)
    return code
  },
}

export const bundleRestore: Command = {
  name: 'bundle restore',
  summary: 'take the set of a bundle into this box, and restore it',
  arguments: [{ name: 'FILE' }],
  details: 'The password of the bundle is read from standard input, or asked for without showing it.',
  options: restoreOptions,
  examples: [
    'summoner bundle restore wordpress-20261121-030000.bundle.tar.zst',
    'summoner bundle restore wordpress-20261121-030000.bundle.tar.zst --as rehearsal',
  ],
  run: async (context) => {
    const { args, api, out, world } = context
    const typed = world.readInput
      ? await world.readInput()
      : await world.ask?.('Password of the bundle: ', { hidden: true })
    const password = (typed ?? '').trim()
    if (password === '')
      throw new Refusal({ title: 'The password of the bundle is missing', hint: 'Nothing was changed.' })
    const path = resolve(world.cwd, args[0] ?? '')
    const { job, set } = await api.call<{ job: Job; set: string }>('POST', '/bundles/import', {
      path,
      password,
    })
    const [ended = job] = await followJobs([job], context)
    const code = reportFailures([ended], context)
    if (code !== 0) {
      out.document({ job: ended })
      return code
    }
    return restoreSet(await api.call<BackupSet>('GET', `/backups/${encodeURIComponent(set)}`), context)
  },
}

export const bundles: Command = {
  name: 'bundles',
  summary: 'list the bundles on this server',
  run: async ({ api, out, world }) => {
    const list = await api.list<{ file: string; path: string; bytes: number; at: string }>(
      '/bundles',
      'bundles',
    )
    out.document({ bundles: list })
    if (list.length === 0) return out.line('No bundles yet: `summoner bundle create MINION` makes one.')
    out.line(
      ...renderTable(
        [{ title: 'FILE' }, { title: 'WHEN' }, { title: 'SIZE', align: 'right' }],
        list.map(({ path, bytes: size, at }) => [clean(path), age(at, world.now()), bytes(size)]),
        out.width(),
        out.style,
      ),
    )
  },
}

export const bundlesRemove: Command = {
  name: 'bundles remove',
  summary: 'delete a bundle from this server',
  arguments: [{ name: 'FILE' }],
  run: async ({ args, api, out }) => {
    const file = (args[0] ?? '').split('/').at(-1) ?? ''
    await api.call('DELETE', `/bundles/${encodeURIComponent(file)}`)
    out.document({ file })
    out.line(`${out.style.green('✔')} ${clean(file)} is deleted.`)
  },
}

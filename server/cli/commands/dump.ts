import type { DumpRecord } from '../../backups/dump.ts'
import type { Job } from '../../jobs/job.ts'
import type { Command } from '../command.ts'
import { followJobs } from '../follow.ts'
import { reportFailures } from '../outcome.ts'
import { Refusal } from '../refusal.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'
import { age, bytes, duration } from '../units.ts'

export const dump: Command = {
  name: 'dump',
  summary: 'dump the databases of a minion while it runs',
  arguments: [{ name: 'MINION', completes: 'minion' }],
  examples: ['summoner dump wordpress'],
  run: async (context) => {
    const { args, api, out } = context
    const [name = ''] = args
    const { job } = await api.call<{ job: Job }>('POST', `/minions/${encodeURIComponent(name)}/dump`)
    const [ended = job] = await followJobs([job], context)
    out.document({ job: ended })
    const code = reportFailures([ended], context)
    if (code !== 0) return code
    const { files } = ended.result as { files: { file: string; bytes: number; content: number }[] }
    for (const { file, bytes: packed, content } of files)
      out.line(`${out.style.green('✔')} ${clean(file)}  ${bytes(packed)}, ${bytes(content)} unpacked`)
    return 0
  },
}

export const dumps: Command = {
  name: 'dumps',
  summary: 'list the dumps, or show one with the command that restores it by hand',
  arguments: [
    { name: 'MINION', optional: true, completes: 'minion' },
    { name: 'FILE', optional: true },
  ],
  examples: ['summoner dumps', 'summoner dumps wordpress'],
  run: async ({ args, api, out, world }) => {
    const [minion, file] = args
    if (minion !== undefined && file !== undefined) {
      const found = await api.call<{ dump: DumpRecord; path: string; byHand?: string }>(
        'GET',
        `/dumps/${encodeURIComponent(minion)}/${encodeURIComponent(file)}`,
      )
      out.document(found)
      const { dump, path, byHand } = found
      out.line(
        `File      ${clean(path)}`,
        `Database  ${clean(dump.database)} of ${clean(dump.service)}, ${clean(dump.version)}`,
        `Taken     ${clean(dump.at)} in ${duration(dump.seconds * 1000)}`,
        `Size      ${bytes(dump.bytes)}, ${bytes(dump.content)} unpacked`,
        '',
        byHand === undefined ? 'Start the minion to see the command that restores it by hand.' : 'By hand:',
        ...(byHand === undefined ? [] : [`  ${clean(byHand)}`]),
      )
      return 0
    }
    const query = minion === undefined ? '' : `?minion=${encodeURIComponent(minion)}`
    const list = await api.call<{
      dumps: DumpRecord[]
      damaged: { minion: string; file: string; why: string }[]
    }>('GET', `/dumps${query}`)
    out.document(list)
    if (list.dumps.length + list.damaged.length === 0) out.line('No dumps yet.')
    else if (list.dumps.length > 0)
      out.line(
        ...renderTable(
          [
            { title: 'MINION', min: 8 },
            { title: 'WHEN' },
            { title: 'DATABASE', optional: 1 },
            { title: 'SIZE', align: 'right' },
            { title: 'FILE', min: 20 },
          ],
          list.dumps.map((one) => [
            one.minion,
            age(one.at, world.now()),
            `${one.engine} ${one.database}`,
            bytes(one.bytes),
            one.file,
          ]),
          out.width(),
          out.style,
        ),
      )
    for (const { why } of list.damaged) out.line(`${out.style.red('✖')} ${clean(why)}`)
    return list.damaged.length > 0 ? 1 : 0
  },
}

export const restoreDump: Command = {
  name: 'restore-dump',
  summary: 'put a dump in the place of a database; what is there is dumped first',
  arguments: [{ name: 'MINION', completes: 'minion' }, { name: 'FILE' }],
  options: { yes: { type: 'boolean', short: 'y', help: 'do not ask' } },
  examples: ['summoner restore-dump wordpress wordpress-2026-11-21T02-00-00Z-dump.sql.zst'],
  run: async (context) => {
    const { args, api, options, out, world } = context
    const [minion = '', file = ''] = args
    const path = `/minions/${encodeURIComponent(minion)}`
    if (!options.flag('yes')) {
      if (out.json || !world.ask)
        throw new Refusal({
          title: 'Replacing a database needs a confirmation',
          detail: 'There is no terminal to ask on.',
          hint: 'Repeat with --yes once you are sure.',
        })
      out.line(`${clean(minion)} is stopped meanwhile; its database is dropped and made again from the file.`)
      const answer = await world.ask('Type the name of the minion to go ahead: ')
      if (answer.trim() !== minion) {
        out.line('Nothing was changed.')
        return 1
      }
    }
    const { job } = await api.call<{ job: Job }>('POST', `${path}/restore-dump`, { file })
    const [ended = job] = await followJobs([job], context)
    out.document({ job: ended })
    const code = reportFailures([ended], context)
    if (code === 0) out.line(`${out.style.green('✔')} ${clean(file)} is restored into ${clean(minion)}.`)
    return code
  },
}

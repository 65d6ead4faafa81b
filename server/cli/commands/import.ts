import { existsSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { ImportBody, ImportReport } from '../../templates/import/report.ts'
import type { Command, Context } from '../command.ts'
import { gather, type Gathered } from '../import-files.ts'
import { renderImport } from '../import-view.ts'
import { usageError } from '../refusal.ts'
import { clean } from '../text.ts'
import { pairs } from './add.ts'

const isRunLine = (text: string) => /^(?:sudo\s+)?(?:docker|podman)\s+(?:container\s+)?run\s/u.test(text)

export const importCommand: Command = {
  name: 'import',
  summary: 'make a template from a folder, a compose file or a docker run line',
  details:
    'Every change is shown with its line. What would hand over this server is refused unless granted by name.\nA folder is taken whole (small files); a compose file alone comes with the .env beside it.',
  arguments: [{ name: 'SOURCE', repeat: true }],
  options: {
    name: { type: 'string', value: 'NAME', help: 'name of the template' },
    'dry-run': { type: 'boolean', help: 'only show what would come of it' },
    answer: { type: 'string', value: 'KEY=VALUE', multiple: true, help: 'answer a question of the import' },
    grant: { type: 'string', value: 'NAME', multiple: true, help: 'allow a power by its name' },
  },
  examples: [
    'summoner import ./my-app --dry-run',
    'summoner import docker-compose.yml --name wiki --answer web=app:8080',
    'summoner import --name hello docker run -p 8080:80 -v data:/data hello:1.2',
  ],
  // Everything from `docker run` on belongs to the line, its options too; a line in quotes ends with them.
  verbatimFrom: (args) => {
    const at = args.findIndex(
      (word, index) =>
        !word.includes(' ') && isRunLine(`${word} ${args[index + 1] ?? ''} ${args[index + 2] ?? ''} `),
    )
    return at === -1 ? args.length : at
  },
  run: async (context) => {
    const { api, options, out } = context
    const { body, skipped } = bodyOf(context)
    const report = await api.call<ImportReport>('POST', '/templates/import', body, { timeoutMs: 120_000 })
    out.document(report)
    out.line(...renderImport(report, { style: out.style, files: body.files, skipped }))
    if (report.ok)
      out.line(
        '',
        options.flag('dry-run')
          ? 'Nothing was written (--dry-run).'
          : `${out.style.green('✔')} Template ${clean(report.name)} is there. Summon it: summoner add ${clean(report.name)}`,
      )
    return report.ok ? 0 : 1
  },
}

function bodyOf({ args, options, world }: Context): { body: ImportBody; skipped: Gathered['skipped'] } {
  const name = options.text('name')
  const common = {
    ...(name === undefined ? {} : { name }),
    ...(options.flag('dry-run') ? { dryRun: true } : {}),
    answers: pairs(options.list('answer'), 'answer'),
    grants: options.list('grant'),
  }
  const [source = ''] = args
  const line = args.length === 1 ? source : args.map(quoted).join(' ')
  if (isRunLine(`${line} `)) return { body: { files: {}, run: line, ...common }, skipped: [] }
  if (args.length > 1)
    throw usageError('One folder or file at a time', 'Or a whole `docker run …` line, as the last words.')
  const path = resolve(world.cwd, source)
  if (!existsSync(path))
    throw usageError(
      `There is no ${clean(source)}`,
      'Give a folder, a compose file or a `docker run …` line.',
    )
  if (/^(?:Docker|Container)file(?:\.|$)/u.test(basename(path)) && statSync(path).isFile())
    throw usageError(
      'A Dockerfile needs its sources',
      `Import its folder: summoner import ${clean(dirname(source))}`,
    )
  const { files, entry, skipped } = gather(path)
  return { body: { files, ...(entry === undefined ? {} : { entry }), ...common }, skipped }
}

/** As a shell would need it: the line was already split, and is read again as one. */
const quoted = (word: string) =>
  /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

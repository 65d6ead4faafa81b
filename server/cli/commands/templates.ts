import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Place } from '../../errors.ts'
import { usageError } from '../refusal.ts'
import type { Command, Context } from '../command.ts'
import { renderComplaint } from '../complaint-view.ts'
import { renderTable } from '../table.ts'
import { clean } from '../text.ts'

interface TemplateRow {
  name: string
  summary?: { en: string; fr: string }
  category?: string
  version?: string
  distribution?: boolean
  problem?: string
}

export const templates: Command = {
  name: 'templates',
  summary: 'list what can be summoned',
  examples: ['summoner templates'],
  run: async ({ api, out }) => {
    const all = await api.list<TemplateRow>('/templates', 'templates')
    out.document({ templates: all })
    // the box summons its own by itself: the proxy, servers of shared databases
    const list = all.filter(({ category }) => category !== 'core')
    out.line(
      ...renderTable(
        [
          { title: 'TEMPLATE' },
          { title: 'VERSION', optional: 3 },
          { title: 'DISTRO', optional: 4 },
          { title: 'CATEGORY', optional: 2 },
          { title: 'WHAT IT IS', min: 16, optional: 1 },
        ],
        list.map(({ name, summary, category, version, distribution, problem }) => [
          name,
          version ?? '',
          distribution ? 'yes' : '',
          category ?? '',
          problem === undefined
            ? (summary?.en ?? '')
            : { text: `not usable: ${problem}`, paint: out.style.red },
        ]),
        out.width(),
        out.style,
      ),
    )
  },
}

/** With the variables of the `.env` beside it, as compose would read them. */
function composeFile(file: string, name: string) {
  if (!existsSync(file))
    throw usageError(`There is no file ${clean(name)}`, 'Name a template or a compose file.')
  const beside = join(dirname(file), '.env')
  const lines = existsSync(beside) ? readFileSync(beside, 'utf8').split('\n') : []
  const env = lines.flatMap((line) => {
    const [, key, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line) ?? []
    return key === undefined ? [] : [[key, (value ?? '').replace(/^(["'])(.*)\1\s*$/, '$2')] as const]
  })
  return { compose: readFileSync(file, 'utf8'), path: name, env: Object.fromEntries(env) }
}

interface CheckReport {
  ok: boolean
  findings: ({ detail: string; hint?: string; level: 'error' | 'warning' } & Place)[]
}

export const templateCheck: Command = {
  name: 'template check',
  summary: 'check a template, any compose file, or the whole catalogue: schema, rules, advice',
  arguments: [{ name: 'TEMPLATE|FILE', optional: true, completes: 'template' }],
  examples: [
    'summoner template check',
    'summoner template check wordpress',
    'summoner template check ./docker-compose.yml',
  ],
  run: (context) => (context.args[0] === undefined ? checkAll(context) : checkOne(context.args[0], context)),
}

async function checkOne(name: string, context: Context): Promise<number> {
  const { api, out, world } = context
  const file = /[/.]/.test(name) ? resolve(world.cwd, name) : undefined
  const report =
    file === undefined
      ? await api.call<CheckReport>('GET', `/templates/${encodeURIComponent(name)}/check`)
      : await api.call<CheckReport>('POST', '/templates/check', composeFile(file, name))
  out.document(report)
  show(name, report, context)
  if (report.ok)
    out.line(
      file === undefined
        ? `${out.style.green('✔')} Template ${clean(name)} can be summoned.`
        : `${out.style.green('✔')} ${clean(name)} can be imported: summoner import ${clean(name)}`,
    )
  return report.ok ? 0 : 1
}

async function checkAll(context: Context): Promise<number> {
  const { api, out } = context
  const reports: (CheckReport & { template: string })[] = []
  for (const { name: template } of await api.list<TemplateRow>('/templates', 'templates')) {
    const report = await api.call<CheckReport>('GET', `/templates/${encodeURIComponent(template)}/check`)
    reports.push({ template, ...report })
    show(template, report, context)
  }
  out.document({ templates: reports })
  const found = reports.reduce((sum, { findings }) => sum + findings.length, 0)
  const good = reports.every(({ ok }) => ok)
  const mark = good ? out.style.green('✔') : out.style.red('✖')
  out.line(`${mark} ${reports.length} templates, ${found === 1 ? '1 finding' : `${found} findings`}.`)
  return good ? 0 : 1
}

function show(name: string, { findings }: CheckReport, { out, source }: Context): void {
  const errors = findings.filter(({ level }) => level === 'error')
  const warnings = findings.filter(({ level }) => level === 'warning')
  const view = { style: out.style, width: out.width(), source }
  if (warnings.length > 0)
    out.line(
      ...renderComplaint(
        { title: `${clean(name)} could be better`, errors: warnings },
        view,
        out.style.yellow('▲'),
      ),
    )
  if (errors.length > 0) out.line(...renderComplaint({ title: `${clean(name)} is not valid`, errors }, view))
}

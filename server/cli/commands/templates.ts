import type { Place } from '../../errors.ts'
import type { Command } from '../command.ts'
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
    const list = await api.list<TemplateRow>('/templates', 'templates')
    out.document({ templates: list })
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

interface CheckReport {
  ok: boolean
  findings: ({ detail: string; hint?: string; level: 'error' | 'warning' } & Place)[]
}

export const templateCheck: Command = {
  name: 'template check',
  summary: 'check a template: schema, compose file, rules',
  arguments: [{ name: 'TEMPLATE', completes: 'template' }],
  examples: ['summoner template check wordpress'],
  run: async ({ args, api, out, source }) => {
    const [name = ''] = args
    const report = await api.call<CheckReport>('GET', `/templates/${encodeURIComponent(name)}/check`)
    out.document(report)
    const errors = report.findings.filter(({ level }) => level === 'error')
    const warnings = report.findings.filter(({ level }) => level === 'warning')
    const view = { style: out.style, width: out.width(), source }
    if (warnings.length > 0)
      out.line(
        ...renderComplaint(
          { title: `${clean(name)} could be better`, errors: warnings },
          view,
          out.style.yellow('▲'),
        ),
      )
    if (errors.length > 0)
      out.line(...renderComplaint({ title: `${clean(name)} is not valid`, errors }, view))
    if (report.ok) out.line(`${out.style.green('✔')} Template ${clean(name)} can be summoned.`)
    return report.ok ? 0 : 1
  },
}

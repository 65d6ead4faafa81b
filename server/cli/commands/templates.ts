import type { Command } from '../command.ts'
import { Refusal } from '../refusal.ts'
import { renderTable } from '../table.ts'

interface TemplateRow {
  name: string
  summary?: { en: string; fr: string }
  category?: string
  problem?: string
}

export const templates: Command = {
  name: 'templates',
  summary: 'list what can be summoned',
  examples: ['summoner templates'],
  run: async ({ api, out }) => {
    const list = await api.call<TemplateRow[]>('GET', '/templates')
    out.document({ templates: list })
    out.line(
      ...renderTable(
        [
          { title: 'TEMPLATE' },
          { title: 'CATEGORY', optional: 2 },
          { title: 'WHAT IT IS', min: 16, optional: 1 },
        ],
        list.map(({ name, summary, category, problem }) => [
          name,
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
  findings: { detail: string; hint?: string; path?: string; line?: number; column?: number; level?: string }[]
}

export const templateCheck: Command = {
  name: 'template check',
  summary: 'check a template: schema, compose file, rules',
  arguments: [{ name: 'TEMPLATE', completes: 'template' }],
  examples: ['summoner template check wordpress'],
  run: async ({ args, api, out }) => {
    const [name = ''] = args
    const report = await api.call<CheckReport>('GET', `/templates/${encodeURIComponent(name)}/check`)
    if (!report.ok && !out.json)
      throw new Refusal({
        title: `Template ${name} is not valid`,
        errors: report.findings,
        hint: 'Correct what is listed, then check again.',
      })
    out.document(report)
    out.line(`${out.style.green('✔')} Template ${name} is valid.`)
    return report.ok ? 0 : 1
  },
}

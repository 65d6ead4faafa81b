/** What an import changed, asks and refuses, each with its place. Pure. */
import type { ImportReport } from '../templates/import/report.ts'
import type { Gathered } from './import-files.ts'
import type { Style } from './style.ts'
import { clean, displayWidth } from './text.ts'

export interface ImportView {
  style: Style
  /** The files that were sent: their lines are shown where a place names them. */
  files: Readonly<Record<string, string>>
  skipped: Gathered['skipped']
}

export function renderImport(report: ImportReport, view: ImportView): string[] {
  const { style, skipped } = view
  const lines = skipped.map(({ path, why }) => style.dim(`– ${clean(path)} stays behind: ${clean(why)}`))
  for (const change of report.changes)
    lines.push(
      `${style.yellow('~')} ${clean(change.what)} ${style.dim(at(change))}`,
      `  ${style.dim(clean(change.why))}`,
    )
  for (const question of report.questions) {
    const options = question.options?.length ? ` (${question.options.map(clean).join(', ')})` : ''
    const taken = question.default === undefined ? '' : `  taken: ${clean(question.default)}`
    lines.push(
      `${question.default === undefined ? style.blue('?') : style.dim('?')} ${clean(question.text)}${options} ${style.dim(at(question))}`,
      `  ${style.dim(`--answer ${clean(question.id)}=…${taken}`)}`,
    )
  }
  for (const refusal of report.refusals) {
    lines.push(
      `${style.red('✖')} ${clean(refusal.what)} ${style.dim(at(refusal))}`,
      `  ${clean(refusal.why)}`,
    )
    lines.push(...sourceLine(refusal, view))
    lines.push(`  → ${clean(refusal.advice)}`)
    if (refusal.grant !== undefined) lines.push(`    or allow it: --grant ${clean(refusal.grant)}`)
  }
  const open = report.questions.filter((question) => question.default === undefined).length
  if (!report.ok)
    lines.push(
      '',
      [
        report.refusals.length > 0 ? `${report.refusals.length} refused` : '',
        open > 0 ? `${open} question${open === 1 ? '' : 's'} open` : '',
      ]
        .filter(Boolean)
        .join(', ') + ': nothing was written.',
    )
  return lines
}

interface At {
  path: string
  line?: number
  column?: number
}

const at = ({ path, line, column }: At) =>
  clean([path, line, column].filter((part) => part !== undefined).join(':'))

function sourceLine({ path, line, column }: At, { style, files }: ImportView): string[] {
  const raw = line === undefined ? undefined : files[path]?.split('\n')[line - 1]
  if (raw === undefined) return []
  const gutter = `    ${line} | `
  const before = displayWidth(clean(raw.slice(0, Math.max(0, (column ?? 1) - 1))))
  return [
    `${style.dim(gutter)}${clean(raw)}`,
    ...(column === undefined ? [] : [`${' '.repeat(gutter.length + before)}${style.red('^')}`]),
  ]
}

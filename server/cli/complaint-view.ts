/** An error for people: title, detail, the place with its source line, what to do. Pure. */
import type { Place } from '../errors.ts'
import type { Complaint } from './refusal.ts'
import type { Style } from './style.ts'
import { clean, cleanBlock, displayWidth, truncate } from './text.ts'

export interface ComplaintView {
  style: Style
  width: number
  /** Text of a document that is at hand here; undefined for everything else. */
  source: (path: string) => string | undefined
}

export function renderComplaint(
  complaint: Complaint,
  view: ComplaintView,
  sign = view.style.red('✖'),
): string[] {
  const { style } = view
  const lines = [`${sign} ${style.bold(clean(complaint.title))}`]
  const findings = complaint.errors ?? []
  if (complaint.detail && complaint.detail !== complaint.title && findings.length < 2)
    lines.push(...cleanBlock(complaint.detail).map((line) => `  ${line}`))
  if (findings.length === 0) lines.push(...place(complaint, view))
  for (const finding of findings) {
    if (findings.length > 1 || finding.detail !== complaint.detail)
      lines.push(...cleanBlock(finding.detail).map((line, index) => `  ${index === 0 ? '- ' : '  '}${line}`))
    lines.push(...place({ ...(findings.length === 1 ? complaint : {}), ...finding }, view))
    if (finding.hint && finding.hint !== complaint.hint) lines.push(`    ${style.dim(clean(finding.hint))}`)
  }
  if (complaint.hint) lines.push(`  ${style.dim('→')} ${clean(complaint.hint)}`)
  return lines
}

function place(at: Place, { style, width, source }: ComplaintView): string[] {
  if (!at.path) return []
  const position = [at.path, at.line, at.column].filter((part) => part !== undefined).join(':')
  const lines = [`    ${style.blue(clean(position))}`]
  const raw = at.line === undefined ? undefined : source(at.path)?.split('\n')[at.line - 1]
  if (raw === undefined || at.line === undefined) return lines
  const gutter = `    ${at.line} | `
  const text = clean(raw)
  const before = displayWidth(clean(raw.slice(0, Math.max(0, (at.column ?? 1) - 1))))
  lines.push(`${style.dim(gutter)}${truncate(text, Math.max(10, width - gutter.length))}`)
  if (at.column !== undefined && before < width - gutter.length)
    lines.push(`${style.dim(`${' '.repeat(gutter.length - 2)}| `)}${' '.repeat(before)}${style.red('^')}`)
  return lines
}

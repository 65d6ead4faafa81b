/** A table that fits: flexible columns shrink first, then optional ones disappear. Pure. */
import type { Style } from './style.ts'
import { clean, displayWidth, fit, truncate } from './text.ts'

export interface Column {
  title: string
  align?: 'left' | 'right'
  /** May be cut down to this many columns. */
  min?: number
  /** May be left out where there is no room; the highest goes first. */
  optional?: number
}

export type Cell = string | { text: string; paint: (text: string) => string }

const GAP = 2
const textOf = (cell: Cell | undefined) => clean(typeof cell === 'object' ? cell.text : (cell ?? ''))

export function renderTable(columns: Column[], rows: Cell[][], width: number, style: Style): string[] {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(textOf(row[index])))),
  )
  const shown = fitted(columns, widths, rows, width)
  const line = (cells: string[]) => truncate(cells.join(' '.repeat(GAP)).trimEnd(), Math.max(width, 1))
  const header = line(shown.map((i) => fit(columns[i]?.title ?? '', widths[i] ?? 0, columns[i]?.align)))
  const body = rows.map((row) => {
    const plain = shown.map((i) => fit(textOf(row[i]), widths[i] ?? 0, columns[i]?.align))
    // Paint only what fits whole: cutting a painted line could cut a colour code in two.
    if (displayWidth(plain.join(' '.repeat(GAP)).trimEnd()) > width) return line(plain)
    return shown
      .map((i, at) => {
        const cell = row[i]
        const text = at === shown.length - 1 ? (plain[at] ?? '').trimEnd() : (plain[at] ?? '')
        return typeof cell === 'object' ? cell.paint(text) : text
      })
      .join(' '.repeat(GAP))
      .replace(/ +$/u, '')
  })
  return [style.dim(header), ...body]
}

/** Indexes of the columns that stay; `widths` is narrowed in place. Columns that are empty in every row go at once. */
function fitted(columns: Column[], widths: number[], rows: Cell[][], width: number): number[] {
  let shown = columns
    .map((_, index) => index)
    .filter((i) => columns[i]?.optional === undefined || rows.some((row) => textOf(row[i]) !== ''))
  const natural = [...widths]
  const total = () => shown.reduce((sum, i) => sum + (widths[i] ?? 0) + GAP, -GAP)
  for (;;) {
    for (const i of shown.toReversed()) {
      const min = columns[i]?.min ?? Infinity
      const excess = Math.max(0, total() - width)
      widths[i] = Math.min(natural[i] ?? 0, Math.max(min, (natural[i] ?? 0) - excess))
    }
    const droppable = shown.filter((i) => columns[i]?.optional !== undefined)
    if (total() <= width || droppable.length === 0) break
    const first = droppable.reduce((a, b) =>
      (columns[b]?.optional ?? 0) > (columns[a]?.optional ?? 0) ? b : a,
    )
    shown = shown.filter((i) => i !== first)
    // What shrank in vain gets its room back before the next try.
    for (const i of shown) widths[i] = natural[i] ?? 0
  }
  return shown
}

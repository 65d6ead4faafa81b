/** Where a command speaks: lines for people, one document for scripts. */
import { createStyle, type Style } from './style.ts'
import { safeJson } from './text.ts'

export interface Sink {
  write(text: string): void
  terminal: boolean
  /** Asked at every redraw: windows change. */
  columns(): number
  rows(): number
}

export interface Output {
  json: boolean
  terminal: boolean
  style: Style
  width(): number
  rows(): number
  /** Lines for people; nothing under --json. */
  line(...lines: string[]): void
  /** Beside the answer (stderr): warnings and what to do next. */
  note(...lines: string[]): void
  /** The answer of --json: called once a command (once an item for streams). */
  document(value: unknown, compact?: boolean): void
  raw(text: string): void
}

export function createOutput(options: { stdout: Sink; stderr: Sink; json: boolean; color: boolean }): Output {
  const { stdout, stderr, json } = options
  return {
    json,
    terminal: stdout.terminal && !json,
    style: createStyle(options.color && stdout.terminal && !json),
    width: () => (stdout.terminal ? Math.max(20, stdout.columns()) : 10_000),
    rows: () => Math.max(4, stdout.rows()),
    line: (...lines) => {
      if (!json) stdout.write(lines.map((line) => `${line}\n`).join(''))
    },
    note: (...lines) => {
      if (!json) stderr.write(lines.map((line) => `${line}\n`).join(''))
    },
    document: (value, compact) => {
      if (json) stdout.write(`${safeJson(value, compact ? undefined : 2)}\n`)
    },
    raw: (text) => stdout.write(text),
  }
}

/** Text that jobs keep: log lines without terminal tricks, problems without secrets, input in one spelling. */
import type { Problem } from '../errors.ts'

const MAX_LINE = 4000

/** Escape sequences (colours, cursor, OSC 8 links), then every other control character but the tab. */
const ESCAPES =
  // oxlint-disable-next-line no-control-regex
  /\u001B(?:\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[[()#;?]*(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]?)/g
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029]/g

/** One or more log lines; of a line that was redrawn with carriage returns, what was shown last. */
export function cleanLines(text: string, redact: (text: string) => string): string[] {
  return redact(text.replaceAll(ESCAPES, ''))
    .split(/\r?\n/)
    .map((line) => {
      const shown = line.replace(/\r+$/, '').split('\r').at(-1) ?? ''
      const clean = shown.replaceAll(CONTROLS, '')
      return clean.length > MAX_LINE ? `${clean.slice(0, MAX_LINE)} …` : clean
    })
}

export function cleanProblem(problem: Problem, redact: (text: string) => string): Problem {
  return JSON.parse(JSON.stringify(problem), (_key, value: unknown) =>
    typeof value === 'string' ? redact(value).replaceAll(ESCAPES, '') : value,
  ) as Problem
}

/** JSON with sorted keys, so that equal inputs are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

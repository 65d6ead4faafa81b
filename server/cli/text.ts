/** Text that others wrote (logs, names, reasons), made safe and measured for a terminal. */

/** OSC and DCS strings with their terminator, CSI sequences, then any other two-byte escape; 7-bit and 8-bit forms. */
const SEQUENCES = new RegExp(
  [
    '(?:\\u001B\\]|\\u009D)[^\\u0007\\u001B\\u009C]*(?:\\u0007|\\u001B\\\\|\\u009C)',
    '(?:\\u001B[PX^_]|[\\u0090\\u0098\\u009E\\u009F])[^\\u001B\\u009C]*(?:\\u001B\\\\|\\u009C)',
    '(?:\\u001B\\[|\\u009B)[0-?]*[ -/]*[@-~]',
    '\\u001B[ -/]*[0-~]',
  ].join('|'),
  'gu',
)
/** Other control characters, and the invisible ones that reorder what a person reads. */
const CONTROLS = /[\p{Cc}\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu
const ZERO = /^\p{M}+$/u
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}]/u
const graphemes = new Intl.Segmenter('en')

/** One line without anything a terminal would obey: no colours, no cursor moves, no titles, no links, no line breaks. */
export function clean(text: string): string {
  return text
    .replace(SEQUENCES, '')
    .replace(/\r+$/u, '')
    .replace(/[\t\r\n]/gu, ' ')
    .replace(CONTROLS, '')
}

/** Like {@link clean}, keeping the line breaks. */
export function cleanBlock(text: string): string[] {
  return text.split('\n').map(clean)
}

/** Columns the text takes on a terminal. */
export function displayWidth(text: string): number {
  if (/^[ -~]*$/u.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text))
    width += WIDE.test(segment) ? 2 : ZERO.test(segment) ? 0 : 1
  return width
}

export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    const next = used + displayWidth(segment)
    if (next > width - 1) break
    kept += segment
    used = next
  }
  return width > 0 ? `${kept}…` : ''
}

/** Exactly `width` columns. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const shown = truncate(text, width)
  const space = ' '.repeat(Math.max(0, width - displayWidth(shown)))
  return align === 'left' ? shown + space : space + shown
}

/** JSON that is safe to show: what `JSON.stringify` leaves raw but a terminal may obey is escaped. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(CONTROLS, (character) =>
    character === '\n' ? character : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

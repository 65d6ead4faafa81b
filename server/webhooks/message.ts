/** A message as a recipe says it, and its pieces as a target takes them. Pure. */

export interface Message {
  /** Plain. */
  title?: string
  /** Markdown. */
  text: string
  url?: string
}

export type Measure = (text: string) => number
/** What chat servers mean by characters. */
export const characters: Measure = (text) => Array.from(text).length
export const bytes: Measure = (text) => Buffer.byteLength(text)

/** Nobody reads more; the last piece says that there was more. */
const MOST_PIECES = 10

/** Cuts at line ends, else at spaces, so that each piece is small enough once it is written as the target wants it. */
export function pieces(
  text: string,
  limit: number,
  write: (piece: string) => string = (piece) => piece,
  measure: Measure = characters,
): string[] {
  const result: string[] = []
  let rest = text
  while (rest !== '') {
    if (result.length === MOST_PIECES - 1 && measure(write(rest)) > limit)
      rest = `${rest.slice(0, limit / 8)} …`
    let length = rest.length
    while (measure(write(rest.slice(0, length))) > limit && length > 1)
      length = cutBefore(
        rest,
        Math.min(length - 1, Math.floor((length * limit) / measure(write(rest.slice(0, length))))),
      )
    const piece = write(rest.slice(0, length)).trim()
    if (piece !== '') result.push(piece)
    rest = rest.slice(length).replace(/^\s+/u, '')
  }
  return result.length === 0 ? [''] : result
}

/** The last good place to cut at or before `length`, when it is in the second half; never inside a character. */
function cutBefore(text: string, length: number): number {
  const wanted = Math.max(length, 1)
  for (const mark of ['\n', ' ']) {
    const at = text.lastIndexOf(mark, wanted - 1)
    if (at >= wanted / 2) return at + 1
  }
  const code = text.charCodeAt(wanted - 1)
  return code >= 0xd800 && code <= 0xdbff && wanted > 1 ? wanted - 1 : wanted
}

/** Title, text and address in one Markdown text, for targets that know only text. */
export function asMarkdown({ title, text, url }: Message): string {
  const heading = title === undefined || title === '' ? '' : `**${title.replaceAll('*', '')}**\n`
  const tail = url === undefined || url === '' || text.includes(url) ? '' : `\n${url}`
  return `${heading}${text}${tail}`
}

/** Several messages of a burst as one. */
export function joined(messages: readonly Message[]): Message {
  const [first] = messages
  if (messages.length <= 1 || first === undefined) return first ?? { text: '' }
  return { text: messages.map(asMarkdown).join('\n') }
}

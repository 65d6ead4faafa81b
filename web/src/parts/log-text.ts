/** Log lines as plain text; pure. Escape sequences and marks that reorder a line are taken out, never acted on. */
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[@-_])/g
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

export function cleanLine(line: string): string {
  // a bar that draws over itself: what stands at the end counts
  const last = line.replace(/\r+$/, '').split('\r').at(-1) ?? ''
  return last.replace(ESCAPES, '').replace(CONTROLS, '').slice(0, 10_000)
}

/** A line cut where the searched text stands. */
export function pieces(line: string, wanted: string): { text: string; found: boolean }[] {
  if (wanted === '') return [{ text: line, found: false }]
  const found: { text: string; found: boolean }[] = []
  const lower = line.toLowerCase()
  const needle = wanted.toLowerCase()
  // some capitals have another length in lower case: then nothing is marked
  if (lower.length !== line.length) return [{ text: line, found: false }]
  let from = 0
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
    if (at > from) found.push({ text: line.slice(from, at), found: false })
    found.push({ text: line.slice(at, at + needle.length), found: true })
    from = at + needle.length
  }
  if (from < line.length) found.push({ text: line.slice(from), found: false })
  return found
}

/** Takes known secrets out of what people read: logs, errors, job output. */
export interface Redactor {
  /** Values of fewer than 6 characters are not looked for: they would blacken ordinary words. */
  add(value: string): void
  redact(text: string): string
}

const SHORTEST = 6
/** Lines of a key or certificate are logged one by one. */
const SHORTEST_LINE = 20
const MASK = '•••'

/** Pure but for what was added. */
export function createRedactor(): Redactor {
  const known = new Set<string>()
  let longestFirst: string[] = []
  return {
    add(value) {
      const size = known.size
      for (const form of formsOf(value)) known.add(form)
      if (known.size > size) longestFirst = [...known].sort((one, other) => other.length - one.length)
    },
    redact(text) {
      const hits = longestFirst.flatMap((form) => occurrences(text, form))
      return hits.length === 0 ? text : masked(text, hits)
    },
  }
}

function formsOf(value: string): Set<string> {
  const raw = new Set([value, value.trim()])
  for (const line of value.split(/\r?\n/)) {
    if (line.length >= SHORTEST_LINE && !line.startsWith('-----')) raw.add(line)
  }
  const forms = new Set<string>()
  for (const text of raw) {
    if (text.trim().length < SHORTEST) continue
    const url = encodeURIComponent(text.toWellFormed())
    const json = JSON.stringify(text).slice(1, -1)
    const all = [
      text,
      url,
      url.replaceAll('%20', '+'),
      encodeURI(text.toWellFormed()),
      json,
      ...base64Of(text),
    ]
    for (const form of all) if (form.length >= SHORTEST) forms.add(form)
  }
  return forms
}

/**
 * Base64 of the value wherever it lies within the encoded bytes (`user:password`, a JSON body): the characters that
 * depend on it alone, for each of the three alignments, in both alphabets.
 */
function base64Of(value: string): string[] {
  const bytes = Buffer.from(value)
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const whole = (bytes.length + offset) % 3 === 0 ? encoded.length : encoded.length - 1
    const start = offset === 0 ? 0 : offset + 1
    // To the end too: where nothing follows the value, its last character is its own.
    const own = [encoded.slice(start, whole), encoded.slice(start)]
    return [...own, ...own.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))]
  })
}

type Range = [start: number, end: number]

function occurrences(text: string, form: string): Range[] {
  const found: Range[] = []
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1))
    found.push([at, at + form.length])
  return found
}

/** Overlapping hits become one mask, so that no tail of a secret stays behind another. */
function masked(text: string, hits: Range[]): string {
  let result = ''
  let done = 0
  let [start, end] = [-1, -1]
  for (const [from, to] of hits.sort((one, other) => one[0] - other[0])) {
    if (from < end) {
      end = Math.max(end, to)
      continue
    }
    if (start >= 0) {
      result += text.slice(done, start) + MASK
      done = end
    }
    ;[start, end] = [from, to]
  }
  return result + text.slice(done, start) + MASK + text.slice(end)
}

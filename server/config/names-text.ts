/** The seed's form, `applications: nginx ghost wekan`: names in one string, kept as a string while that is enough. */
import type { Pair, Scalar, YAMLMap } from 'yaml'
import { namesOf } from './normalise.ts'
import {
  colonEnd,
  endOf,
  isBlockScalar,
  lineAfter,
  lineBreak,
  lineStart,
  startOf,
  type Splice,
} from './splice.ts'
import { flowScalar } from './write-flow.ts'

export function textWithName(text: string, pair: Pair, name: string): Splice[] {
  const { start, end, inner, innerStart } = bodyOf(text, pair)
  const last = inner.trimEnd().length
  if (!sameNames(inner, pair)) return [whole(pair, start, end, [...namesIn(pair), name])]
  const at = innerStart + last
  return [{ start: at, end: at, text: last === 0 ? name : ` ${name}` }]
}

export function textWithoutName(text: string, pair: Pair, name: string): Splice[] {
  const { start, end, inner, innerStart } = bodyOf(text, pair)
  const found = new RegExp(`(?<=^|\\s)${name}(?=\\s|$)`).exec(inner)
  const left = namesIn(pair).filter((other) => other !== name)
  // A single name like `true` would be read as something else than text.
  const ambiguous = left.length === 1 && flowScalar(left[0] ?? '') !== left[0]
  if (found === null || ambiguous || !sameNames(inner, pair)) return [whole(pair, start, end, left)]
  const before = inner.slice(0, found.index)
  const after = inner.slice(found.index + name.length)
  const first = before.trim() === ''
  if (first && after.trim() === '' && innerStart === start) return [{ start: colonEnd(pair), end, text: '' }]
  const from = innerStart + (first ? found.index : before.trimEnd().length)
  const to = innerStart + found.index + name.length + (first ? after.length - after.trimStart().length : 0)
  return [{ start: from, end: to, text: '' }]
}

/** The string as a list, because an entry gains options: `entry` takes the place of `name`, or comes last. */
export function listFromText(
  text: string,
  root: YAMLMap,
  pair: Pair,
  name: string | undefined,
  entry: string,
): Splice[] {
  const items = namesIn(pair).map((other) => (other === name ? entry : flowScalar(other)))
  if (name === undefined) items.push(entry)
  const node = pair.value as Scalar | null
  const colon = colonEnd(pair)
  const empty = node === null || endOf(node) <= startOf(node)
  if (root.flow) {
    const list = `[${items.join(', ')}]`
    return [
      empty
        ? { start: colon, end: colon, text: ` ${list}` }
        : { start: startOf(node), end: endOf(node), text: list },
    ]
  }
  const key = startOf(pair.key)
  const indent = `${text.slice(lineStart(text, key), key)}  `
  const lines = items.map((item) => `${indent}- ${item}`).join(lineBreak(text))
  if (empty) return [lineAfter(text, colon, lines)]
  const [start, end] = [startOf(node), endOf(node)]
  if (isBlockScalar(node)) {
    const comment = /[ \t]+#.*/.exec(text.slice(start, text.indexOf('\n', start)))?.[0].trimEnd() ?? ''
    const last = text[end - 1] === '\n' ? lineBreak(text) : ''
    return [{ start: colon, end, text: comment + lineBreak(text) + lines + last }]
  }
  const ownLine = text.slice(lineStart(text, start), start)
  if (ownLine.trim() === '')
    return [{ start, end, text: lines.replaceAll(`${indent}-`, `${ownLine}-`).slice(ownLine.length) }]
  return [{ start: colon, end, text: '' }, lineAfter(text, end, lines)]
}

function namesIn(pair: Pair): string[] {
  const value = (pair.value as Scalar | null)?.value
  return typeof value === 'string' ? namesOf(value) : []
}

/** The scalar's source without its quotes or block header. */
function bodyOf(text: string, pair: Pair): { start: number; end: number; inner: string; innerStart: number } {
  const node = pair.value as Scalar
  const [start, end] = [startOf(node), endOf(node)]
  if (isBlockScalar(node)) {
    const innerStart = text.indexOf('\n', start) + 1
    return { start, end, inner: text.slice(innerStart, end), innerStart }
  }
  const quote = /^["']/.test(text.slice(start, end)) ? 1 : 0
  return { start, end, inner: text.slice(start + quote, end - quote), innerStart: start + quote }
}

/** Escapes and the like: the source does not spell the names out. */
function sameNames(inner: string, pair: Pair): boolean {
  return namesOf(inner).join(' ') === namesIn(pair).join(' ')
}

function whole(pair: Pair, start: number, end: number, names: string[]): Splice {
  const quote = (pair.value as Scalar).type === 'QUOTE_SINGLE' ? "'" : '"'
  return { start, end, text: quote + names.join(' ') + quote }
}

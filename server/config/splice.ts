/**
 * The smallest changes of a YAML text that add, replace or remove one item or pair, in the style that stands there
 * (block or flow, indentation, line ends). Pure; every byte outside the returned ranges stays.
 */
import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  type CST,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

export interface Splice {
  start: number
  end: number
  text: string
}

export type Collection = YAMLMap | YAMLSeq
type Slot = { start: number; end: number; commaAfter?: number }

export function applySplices(text: string, splices: Splice[]): string {
  let result = text
  // From the end on, so that offsets hold; of two at one place the first stays first.
  for (const { start, end, text: inserted } of splices.toSorted((a, b) => a.start - b.start).toReversed()) {
    result = result.slice(0, start) + inserted + result.slice(end)
  }
  return result
}

/** Adds `entry` (an item, or `key: value`) at the end of a collection that is written in place. */
export function appendEntry(text: string, collection: Collection, entry: string): Splice[] {
  if (collection.flow) return appendToFlow(text, collection, entry)
  const first = collection.items[0]
  const marker = isMap(collection) ? '' : '- '
  const column = isPair(first) ? startOf(first.key) : dashOf(collection, 0)
  const indent = text.slice(lineStart(text, column), column).replace(/[^\s]/g, ' ')
  return [lineAfter(text, endOf(collection), indent + marker + entry)]
}

/** Removes the item or pair at `index`; a comment on its own line stays, one behind the entry goes with it. */
export function removeEntry(text: string, collection: Collection, index: number): Splice[] {
  if (collection.flow) return removeFromFlow(text, collection, index)
  const item = collection.items[index]
  const start = isPair(item) ? startOf(item.key) : dashOf(collection, index)
  const end = isPair(item) ? endOfPair(item) : endOf(item)
  const line = lineStart(text, start)
  if (text.slice(line, start).trim() === '') return [wholeLines(text, line, end)]
  // The first pair behind a dash: the next pair takes its place.
  const next = collection.items[index + 1]
  return [{ start, end: isPair(next) ? startOf(next.key) : end, text: '' }]
}

/** Puts `value` where the pair's value is, or behind its colon when it has none. */
export function replaceValue(text: string, pair: Pair, value: string): Splice[] {
  const node = pair.value
  const [start, end] = [startOf(node), endOf(node)]
  if (node === null || end <= start) {
    const colon = colonEnd(pair)
    return [{ start: colon, end: colon, text: ` ${value}` }]
  }
  const block = (isCollection(node) && !node.flow) || isBlockScalar(node)
  // One more space keeps a list that stood at its key's own column inside the pair.
  return [
    { start, end, text: (block && isCollection(node) ? ' ' : '') + value + brokenLine(text, end, block) },
  ]
}

/** `key: value` on a line of its own directly below the pair, at the pair's column. */
export function pairBelow(text: string, pair: Pair, entry: string): Splice[] {
  const column = startOf(pair.key)
  return [lineAfter(text, endOfPair(pair), text.slice(lineStart(text, column), column) + entry)]
}

/** A new line with `line` after the one that holds `position`, whose comment stays where it is. */
export function lineAfter(text: string, position: number, line: string): Splice {
  if (position > 0 && text[position - 1] === '\n') {
    return { start: position, end: position, text: line + lineBreak(text) }
  }
  const end = lineEnd(text, position)
  return { start: end, end, text: lineBreak(text) + line }
}

export function lineBreak(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n'
}

export function lineStart(text: string, position: number): number {
  return text.lastIndexOf('\n', position - 1) + 1
}

/** Before the line break, or the end of the text. */
export function lineEnd(text: string, position: number): number {
  const end = text.indexOf('\n', position)
  if (end === -1) return text.length
  return text[end - 1] === '\r' && end > position ? end - 1 : end
}

export function startOf(node: unknown): number {
  return (node as { range?: [number, number, number] } | null)?.range?.[0] ?? 0
}

/** End of what is written, without the comments that the library counts to a node. */
export function endOf(node: unknown): number {
  if (isCollection(node) && !node.flow) {
    const last = node.items.at(-1)
    if (last !== undefined) return isPair(last) ? endOfPair(last) : endOf(last)
  }
  return (node as { range?: [number, number, number] } | null)?.range?.[1] ?? 0
}

export function endOfPair(pair: Pair): number {
  return pair.value === null || endOf(pair.value) <= startOf(pair.value) ? colonEnd(pair) : endOf(pair.value)
}

/** Just behind the colon; behind the key in `{a, b}`, which has none. */
export function colonEnd(pair: Pair): number {
  const item = (pair as Pair & { srcToken?: CST.CollectionItem }).srcToken
  const colon = item?.sep?.find((token) => token.type === 'map-value-ind')
  return colon === undefined ? endOf(pair.key) : colon.offset + 1
}

export function isBlockScalar(node: unknown): node is Scalar {
  return isScalar(node) && (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL')
}

/** A block scalar ends behind its line break, which what replaces it must keep. */
function brokenLine(text: string, end: number, block: boolean): string {
  return block && text[end - 1] === '\n' ? lineBreak(text) : ''
}

function wholeLines(text: string, start: number, end: number): Splice {
  if (text[end - 1] === '\n') return { start, end, text: '' }
  const stop = text.indexOf('\n', end)
  if (stop !== -1) return { start, end: stop + 1, text: '' }
  // The last line of a file without a final line break: the file stays without one.
  const before = start - (text[start - 2] === '\r' ? 2 : 1)
  return { start: Math.max(before, 0), end: text.length, text: '' }
}

function dashOf(list: YAMLSeq, index: number): number {
  const token = list.srcToken as CST.BlockSequence | undefined
  const dashes = token?.items.flatMap((item) => item.start.filter((part) => part.type === 'seq-item-ind'))
  return dashes?.[index]?.offset ?? startOf(list.items[index])
}

function appendToFlow(text: string, collection: Collection, entry: string): Splice[] {
  const slots = slotsOf(collection)
  const last = slots.at(-1)
  if (last === undefined) {
    const inside = startOf(collection) + 1
    return [{ start: inside, end: inside, text: entry }]
  }
  const first = lineStart(text, last.start)
  const ownLine = text.slice(first, last.start)
  const after = last.commaAfter === undefined ? last.end : last.commaAfter + 1
  const lines = ownLine.trim() === '' && lineEnd(text, after) < endOf(collection)
  if (!lines) return [{ start: last.end, end: last.end, text: `, ${entry}` }]
  const trailing = last.commaAfter === undefined ? '' : ','
  const added = lineAfter(text, after, ownLine + entry + trailing)
  return trailing === '' ? [{ start: last.end, end: last.end, text: ',' }, added] : [added]
}

function removeFromFlow(text: string, collection: Collection, index: number): Splice[] {
  const slots = slotsOf(collection)
  const slot = slots[index]
  if (slot === undefined) return []
  if (slot.commaAfter !== undefined) {
    const after = slot.commaAfter + 1
    const line = lineStart(text, slot.start)
    const rest = text.slice(after, lineEnd(text, after))
    const alone = text.slice(line, slot.start).trim() === '' && /^\s*(#.*)?$/.test(rest)
    if (alone) return [wholeLines(text, line, after)]
    const spaces = /^[ \t]*/.exec(text.slice(after))?.[0].length ?? 0
    return [{ start: slot.start, end: after + spaces, text: '' }]
  }
  const comma = slots[index - 1]?.commaAfter
  if (comma === undefined) return [{ start: slot.start, end: slot.end, text: '' }]
  if (text.slice(comma + 1, slot.start).trim() === '') return [{ start: comma, end: slot.end, text: '' }]
  return [
    { start: comma, end: comma + 1, text: '' },
    { start: slot.start, end: slot.end, text: '' },
  ]
}

/** Where each entry of a flow collection stands, anchors and tags included, and the comma behind it. */
function slotsOf(collection: Collection): Slot[] {
  const token = collection.srcToken as CST.FlowCollection | undefined
  const tokens = token?.items ?? []
  return collection.items.map((item, index) => {
    const node = isPair(item) ? item.key : item
    const props = tokens[index]?.start.find((part) => part.type === 'anchor' || part.type === 'tag')
    const comma = tokens[index + 1]?.start.find((part) => part.type === 'comma')
    return {
      start: props?.offset ?? startOf(node),
      end: isPair(item) ? endOfPair(item) : endOf(item),
      ...(comma === undefined ? {} : { commaAfter: comma.offset }),
    }
  })
}

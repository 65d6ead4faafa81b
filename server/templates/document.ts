/** A YAML file of a template: parsed within limits, and every value in it traced back to line and column. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml'
import { readYaml } from '../config/yaml-source.ts'
import type { Place } from '../errors.ts'

export type KeyPath = readonly (string | number)[]

export interface Source {
  /** File name shown to people, e.g. `minions/ghost/compose.yml`. */
  path: string
  document: Document
  lines: LineCounter
}

export type Finding = { detail: string; hint?: string } & Place

/** Never throws: what cannot be read is a finding, and `value` is undefined then. */
export function readDocument(
  text: string,
  path: string,
): { source: Source; value: unknown; findings: Finding[] } {
  const lines = new LineCounter()
  // Its limits are counted before anything recursive sees the text; past one, the document is empty.
  const bounded = readYaml(text)
  const limit = bounded.document.contents === null ? bounded.findings[0] : undefined
  if (limit) {
    const empty = { path, document: parseDocument(''), lines }
    return {
      source: empty,
      value: undefined,
      findings: [{ detail: limit.detail, path, ...bounded.place(limit.offset) }],
    }
  }
  const document = parseDocument(text, { lineCounter: lines, merge: true, logLevel: 'silent' })
  const source = { path, document, lines }
  const findings: Finding[] = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0])
    return { detail: firstLine(error.message), path, line, column: col }
  })
  if (findings.length > 0) return { source, value: undefined, findings }
  try {
    return { source, value: document.toJS({ maxAliasCount: 100 }), findings }
  } catch (error) {
    const detail = error instanceof Error ? firstLine(error.message) : 'The file cannot be read.'
    return { source, value: undefined, findings: [{ detail, path, line: 1, column: 1 }] }
  }
}

/** Where the value at `keys` begins (or its key, with `of: 'key'`); the nearest parent that exists where it does not. */
export function placeOf(source: Source, keys: KeyPath, of: 'key' | 'value' = 'value'): Place {
  let node: unknown = source.document.contents
  let found: Node | undefined = node as Node | undefined
  for (const [depth, key] of keys.entries()) {
    const step = childOf(source.document, node, key)
    if (!step) break
    node = step.value
    const last = depth === keys.length - 1
    const wanted = (last && of === 'key' ? step.key : step.value) ?? step.key
    if (wanted?.range) found = wanted
  }
  if (!found?.range) return { path: source.path, line: 1, column: 1 }
  const { line, col } = source.lines.linePos(found.range[0])
  return { path: source.path, line, column: col }
}

interface Step {
  key: Node | undefined
  value: Node | undefined
}

/** Follows aliases and merge keys, as the reader of the values does. */
function childOf(document: Document, from: unknown, key: string | number): Step | undefined {
  const node = isAlias(from) ? from.resolve(document) : from
  if (isSeq(node)) {
    const item = node.items[Number(key)] as Node | undefined
    return item ? { key: undefined, value: item } : undefined
  }
  if (!isMap(node)) return undefined
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    if (isScalar(pair.key) && String(pair.key.value) === String(key)) {
      return { key: pair.key, value: pair.value ?? undefined }
    }
  }
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    if (!isScalar(pair.key) || String(pair.key.source) !== '<<') continue
    for (const merged of isSeq(pair.value) ? pair.value.items : [pair.value]) {
      const step = childOf(document, merged, key)
      if (step) return step
    }
  }
  return undefined
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message
}

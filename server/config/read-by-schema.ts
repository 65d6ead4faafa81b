/** Checks YAML nodes against a JSON Schema and reads them in the same walk, so that every finding has its place. */
import { isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import {
  ABSENT,
  choose,
  defaultOf,
  expectation,
  scalarProblem,
  shapeOf,
  sourceOf,
  type Node,
  type Shape,
} from './shape.ts'
import { didYouMean } from './suggest.ts'
import { cited, type Finding } from './yaml-source.ts'

export interface Reading {
  value: unknown
  findings: Finding[]
  /** Where the value at a key path (`summoner.applications.2.name`) is written; the nearest parent for what is absent. */
  at(path: string): number
}

/** Values visited, aliases unfolded: what a bomb multiplies. */
const MAX_VISITS = 50_000
const MAX_ALIASES = 100
const MAX_FINDINGS = 100
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

export function readBySchema(root: Node, schema: Shape): Reading {
  const findings: Finding[] = []
  const offsets = new Map<string, number>()
  const anchors = new Map<string, Exclude<Node, null>>()
  let visits = 0
  let aliases = 0
  let stopped = false

  /** One limit finding ends the reading: what follows would be noise. */
  const stop = (detail: string, offset: number) => {
    if (!stopped) findings.push({ detail, offset })
    stopped = true
  }
  const report = (path: string, problem: string, offset: number, hint?: string) => {
    if (stopped) return
    const end = problem.endsWith('?') ? '' : '.'
    findings.push({
      detail: `${shown(path)}: ${problem}${end}`,
      offset,
      ...(hint === undefined ? {} : { hint }),
    })
    if (findings.length >= MAX_FINDINGS) stop('More than that is wrong; the rest is not listed.', offset)
  }

  function resolve(node: Node, path: string): Node {
    if (!isAlias(node)) return node
    if (++aliases > MAX_ALIASES) stop(`The file uses more than ${MAX_ALIASES} aliases.`, startOf(node))
    const target = anchors.get(node.source)
    if (target === undefined)
      report(path, `there is no anchor ${cited(`&${node.source}`)} before this`, startOf(node))
    return target ?? null
  }

  function read(given: Node, shape: Shape, path: string): unknown {
    const offset = startOf(given)
    offsets.set(path, offset)
    if (++visits > MAX_VISITS) stop('The file has too many entries.', offset)
    const node = resolve(given, path)
    if (stopped || (isAlias(given) && node === null)) return undefined
    if (node?.tag !== undefined && !isAlias(given)) {
      report(
        path,
        `tags like ${node.tag.replace('tag:yaml.org,2002:', '!!').slice(0, 40)} are not used here`,
        offset,
      )
    }
    const value = readAs(node, shape, path, offset)
    const anchor = node?.anchor
    if (node !== null && anchor !== undefined) anchors.set(anchor, node)
    return value
  }

  function readAs(node: Node, shape: Shape, path: string, offset: number): unknown {
    const fitting = shape.anyOf === undefined ? shape : choose(node, shape.anyOf)
    if (fitting === undefined) {
      report(path, expectation(node, shape), offset)
      return undefined
    }
    if (fitting.type === 'object') {
      if (isMap(node)) return readMap(node, fitting, path, offset)
    } else if (fitting.type === 'array') {
      if (isEmpty(node)) return readList(null, fitting, path, offset)
      if (isSeq(node)) return readList(node, fitting, path, offset)
    } else if (fitting.type === undefined && fitting.const === undefined) {
      if (isMap(node)) return readMap(node, { additionalProperties: true }, path, offset)
      if (isSeq(node)) return readList(node, { items: {} }, path, offset)
      return isScalar(node) ? checkedScalar(node.value, path, offset) : null
    } else if (node === null || isScalar(node)) {
      return readScalar(node, fitting, path, offset)
    }
    report(path, expectation(node, fitting), offset)
    return undefined
  }

  function readMap(map: YAMLMap.Parsed | null, shape: Shape, path: string, offset: number): unknown {
    const value: Record<string, unknown> = {}
    const seen = new Set<string>()
    /** An optional key without a value counts as not written: its default holds. */
    const given = new Set<string>()
    for (const pair of map?.items ?? []) {
      if (stopped) return value
      const keyOffset = startOf(pair.key)
      const key = isScalar(pair.key) ? sourceOf(pair.key) : undefined
      if (key === undefined) {
        report(path, 'a key must be a plain word', keyOffset)
        continue
      }
      if (seen.has(key)) {
        given.add(key)
        report(join(path, key), 'this key is written twice', keyOffset, 'Keep one of the two.')
        continue
      }
      seen.add(key)
      const inner = FORBIDDEN_KEYS.has(key) ? undefined : shapeOf(shape, key)
      if (inner === undefined) {
        given.add(key)
        const known = Object.keys(shape.properties ?? {})
        const rule = known.length === 0 && shape.description !== undefined ? ` (${shape.description})` : ''
        report(path, `unknown key ${cited(key)}${rule}${didYouMean(key, known)}`, keyOffset)
        continue
      }
      const optional = shape.properties !== undefined && !shape.required?.includes(key)
      if (optional && isEmpty(pair.value)) {
        offsets.set(join(path, key), keyOffset)
        continue
      }
      given.add(key)
      const inside = read(pair.value, inner, join(path, key))
      if (inside !== undefined) value[key] = inside
    }
    for (const [key, inner] of Object.entries(shape.properties ?? {})) {
      if (given.has(key)) continue
      const missing = defaultOf(inner)
      if (missing !== ABSENT) value[key] = missing
      else if (shape.required?.includes(key)) report(path, `"${key}" is missing`, offset)
    }
    return value
  }

  function readList(list: YAMLSeq.Parsed | null, shape: Shape, path: string, offset: number): unknown {
    const items = list?.items ?? []
    if (items.length < (shape.minItems ?? 0)) report(path, `at least ${shape.minItems} is needed`, offset)
    if (items.length > (shape.maxItems ?? Infinity)) {
      report(path, `at most ${shape.maxItems} are possible`, offset)
      return []
    }
    const value: unknown[] = []
    for (const [index, item] of items.entries()) {
      if (stopped) return value
      value.push(read(item, shape.items ?? {}, `${path}.${index}`))
    }
    return value
  }

  function readScalar(node: Scalar | null, shape: Shape, path: string, offset: number): unknown {
    const value = shape.fromSource && node !== null ? sourceOf(node) : (node?.value ?? null)
    const problem = scalarProblem(value, shape)
    if (problem !== undefined) report(path, problem, offset)
    return checkedScalar(value, path, offset)
  }

  function checkedScalar(value: unknown, path: string, offset: number): unknown {
    // Control characters would reach .env files, labels and nginx text; no setting needs them.
    // oxlint-disable-next-line no-control-regex
    if (typeof value === 'string' && /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value)) {
      report(path, 'it contains a control character', offset)
    }
    return value
  }

  const value = read(root, schema, '')
  const at = (path: string): number => {
    for (let key = path; key !== ''; key = key.slice(0, Math.max(key.lastIndexOf('.'), 0))) {
      const offset = offsets.get(key)
      if (offset !== undefined) return offset
    }
    return offsets.get('') ?? 0
  }
  return { value, findings, at }
}

function isEmpty(node: Node): boolean {
  return node === null || (isScalar(node) && node.value === null && sourceOf(node) === '')
}

function startOf(node: Node): number {
  return node?.range[0] ?? 0
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** `summoner.applications.2.name` as people write it: `applications[2].name`. */
function shown(path: string): string {
  const short = path.replace(/^summoner\.?/, '').replace(/\.([0-9]+)(?=\.|$)/g, '[$1]')
  return short === '' ? (path === '' ? 'config.yml' : 'summoner') : short
}

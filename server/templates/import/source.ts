/** A foreign YAML document as plain data plus the place of every key, expanded within bounds. */
import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair } from 'yaml'
import { readYaml } from '../../config/yaml-source.ts'

export type Key = string | number
export interface SourcePlace {
  path: string
  line?: number
  column?: number
}
export interface Source {
  path: string
  value: Record<string, unknown>
  /** Place of the deepest part of `keys` that exists. */
  at(keys: readonly Key[]): SourcePlace
}

/** Why a document was not read; always with a place. */
export class Unreadable extends Error {
  readonly place: SourcePlace
  constructor(message: string, place: SourcePlace) {
    super(message)
    this.name = 'Unreadable'
    this.place = place
  }
}

const MAX_DEPTH = 64
const MAX_NODES = 50_000
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])

/** Aliases and merge keys are expanded here, under one budget of nodes, so neither can explode. */
export function readSource(path: string, text: string): Source {
  const { document, findings, place } = readYaml(text)
  const placeOf = (offset: number | undefined): SourcePlace => ({ path, ...place(offset ?? 0) })
  const first = findings[0]
  if (first) throw new Unreadable(first.detail.split('\n')[0] ?? first.detail, placeOf(first.offset))

  const places = new Map<string, number>()
  // Our own index: the library searches the whole document for every alias.
  const anchors = new Map<string, Node>()
  let nodes = 0
  const startOf = (node: unknown): number | undefined => (node as Node | null)?.range?.[0]
  const count = (node: unknown) => {
    nodes += 1
    if (nodes > MAX_NODES) throw new Unreadable('The file expands to too many values', placeOf(startOf(node)))
  }
  const remember = (keys: readonly Key[], offset: number | undefined) => {
    const id = keys.join('\0')
    if (offset !== undefined && !places.has(id)) places.set(id, offset)
  }

  const expand = (node: unknown, keys: readonly Key[], depth: number): unknown => {
    count(node)
    if (depth > MAX_DEPTH) throw new Unreadable('The file is nested too deeply', placeOf(startOf(node)))
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (!target) throw new Unreadable(`The alias *${node.source} has no anchor`, placeOf(startOf(node)))
      return expand(target, keys, depth + 1)
    }
    if (isNode(node) && 'anchor' in node && node.anchor !== undefined) anchors.set(node.anchor, node)
    if (isMap(node)) return expandMap(node.items, keys, depth)
    if (!isSeq(node)) return isScalar(node) ? plain(node.value, node.source) : null
    return node.items.map((item, index) => {
      remember([...keys, index], startOf(item))
      return expand(item, [...keys, index], depth + 1)
    })
  }

  const expandMap = (items: readonly Pair[], keys: readonly Key[], depth: number) => {
    const merged: Record<string, unknown> = {}
    const own: Record<string, unknown> = {}
    for (const { key, value } of items) {
      const here = placeOf(startOf(key))
      if (!isScalar(key)) throw new Unreadable('A key must be a plain word', here)
      const name = String(key.source ?? key.value)
      if (FORBIDDEN.has(name)) throw new Unreadable(`The key ${name} is not allowed`, here)
      if (Object.hasOwn(own, name)) throw new Unreadable(`The key ${name} is there twice`, here)
      if (name === '<<') mergeInto(merged, expand(value, keys, depth + 1), here)
      else {
        remember([...keys, name], startOf(key))
        own[name] = expand(value, [...keys, name], depth + 1)
      }
    }
    return { ...merged, ...own }
  }

  const mergeInto = (merged: Record<string, unknown>, parts: unknown, here: SourcePlace) => {
    for (const part of Array.isArray(parts) ? parts : [parts]) {
      if (!isRecord(part)) throw new Unreadable('A merge key needs a mapping', here)
      for (const [key, value] of Object.entries(part)) {
        count(undefined)
        if (!Object.hasOwn(merged, key)) merged[key] = value
      }
    }
  }

  const value = expand(document.contents, [], 0)
  if (!isRecord(value)) throw new Unreadable('A compose file is a mapping of services', placeOf(0))
  return {
    path,
    value,
    at(keys) {
      for (let length = keys.length; length > 0; length -= 1) {
        const offset = places.get(keys.slice(0, length).join('\0'))
        if (offset !== undefined) return placeOf(offset)
      }
      return placeOf(0)
    },
  }
}

/** Numbers whose text says more than their value stay text: `8.10`, `0755`, `1e3`. */
function plain(value: unknown, source: string | undefined): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return source !== undefined && source !== String(value) ? source : Number(value)
  }
  return value ?? null
}

/** A record that inherits nothing, for keys that somebody else chose. */
export function bare<T>(entries: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, entries)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

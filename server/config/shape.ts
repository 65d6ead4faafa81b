/** What a JSON Schema asks of one YAML node, and how to say so to a person. Pure. */
import { isMap, isScalar, isSeq, type ParsedNode, type Scalar } from 'yaml'
import { didYouMean } from './suggest.ts'
import { cited } from './yaml-source.ts'

export type Node = ParsedNode | null

/** The part of JSON Schema that config.yml uses. */
export interface Shape {
  type?: string
  const?: unknown
  anyOf?: Shape[]
  properties?: Record<string, Shape>
  required?: string[]
  additionalProperties?: unknown
  patternProperties?: Record<string, Shape>
  items?: Shape
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  default?: unknown
  description?: string
  /** Text is taken as it is typed: 8.10 is no number. */
  fromSource?: boolean
}

export const ABSENT = Symbol('absent')

export function scalarProblem(value: unknown, shape: Shape): string | undefined {
  if (shape.const !== undefined)
    return value === shape.const ? undefined : `it must be ${JSON.stringify(shape.const)}`
  if (shape.type === 'string') {
    if (typeof value !== 'string') {
      const quoted = typeof value === 'number' || typeof value === 'boolean' ? '; put it in quotes' : ''
      return `it must be ${wanted(shape)}${quoted}`
    }
    if (value.length > (shape.maxLength ?? Infinity)) return `it is longer than ${shape.maxLength} characters`
    if (value.length < (shape.minLength ?? 0)) return 'it is empty'
    if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(value)) {
      return `${cited(value)} is not ${shape.description ?? 'possible here'}`
    }
    return undefined
  }
  if (shape.type === 'boolean') return typeof value === 'boolean' ? undefined : 'it must be true or false'
  const number = typeof value === 'number' ? value : NaN
  if (shape.type === 'integer' && !Number.isSafeInteger(number)) return 'it must be a whole number'
  if (number < (shape.minimum ?? -Infinity)) return `it must be at least ${shape.minimum}`
  if (number > (shape.maximum ?? Infinity)) return `it must be at most ${shape.maximum}`
  return undefined
}

/** The one branch that the node can be meant as; undefined when none. */
export function choose(node: Node, shapes: Shape[]): Shape | undefined {
  if (isMap(node)) {
    const maps = shapes.filter((shape) => shape.type === 'object')
    const keys = node.items.map((pair) => (isScalar(pair.key) ? sourceOf(pair.key as Scalar) : ''))
    return maps.find((shape) => keys.some((key) => Object.hasOwn(shape.properties ?? {}, key))) ?? maps[0]
  }
  if (isSeq(node)) return shapes.find((shape) => shape.type === 'array')
  const value = isScalar(node) ? node.value : null
  if (value === null) return undefined
  return (
    shapes.find((shape) => shape.const !== undefined && shape.const === value) ??
    shapes.find((shape) => shape.const === undefined && shape.type === typeof value)
  )
}

export function expectation(node: Node, shape: Shape): string {
  const options = shape.anyOf ?? [shape]
  const words = options.flatMap((option) => (typeof option.const === 'string' ? [option.const] : []))
  const kinds = [...new Set(options.filter((option) => option.const === undefined).map(wanted))]
  const choices = [...words.map((word) => `"${word}"`), ...kinds]
  const list = choices.length > 1 ? `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}` : choices[0]
  const hint = isScalar(node) ? didYouMean(String(node.value), words) : ''
  return `it must be ${list}${hint}`
}

function wanted(shape: Shape): string {
  if (shape.description !== undefined && shape.type !== 'array') {
    return shape.type === 'object' ? `a map: ${shape.description}` : shape.description
  }
  if (shape.type === 'object') {
    return shape.required === undefined
      ? 'a map'
      : `a map with ${shape.required.map((key) => `"${key}"`).join(', ')}`
  }
  return (
    { array: 'a list', string: 'a text', integer: 'a whole number', boolean: 'true or false' }[
      shape.type ?? ''
    ] ?? 'a value'
  )
}

export function shapeOf(shape: Shape, key: string): Shape | undefined {
  if (shape.properties !== undefined && Object.hasOwn(shape.properties, key)) return shape.properties[key]
  for (const [pattern, inner] of Object.entries(shape.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return inner
  }
  return shape.additionalProperties === false ? undefined : {}
}

/** The default of an absent value; of a section, with the defaults of its keys. */
export function defaultOf(shape: Shape): unknown {
  if (shape.default === undefined) return ABSENT
  if (shape.type !== 'object' || shape.properties === undefined) return structuredClone(shape.default)
  const section: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(shape.properties)) {
    const missing = defaultOf(inner)
    if (missing !== ABSENT) section[key] = missing
  }
  return section
}

export function sourceOf(scalar: Scalar): string {
  return scalar.source ?? (typeof scalar.value === 'string' ? scalar.value : '')
}

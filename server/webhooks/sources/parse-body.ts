/** Bytes to a body, with every trick of a hostile one refused. Pure. */
import { isUtf8 } from 'node:buffer'
import type { Body } from './source.ts'

/** Deeper than any tool goes; what reads it later may recurse. */
const DEEPEST = 64
/** Of one object: more than any tool has. */
const MOST_KEYS = 2000
const MOST_FIELDS = 1000
/** Spelled out, or with some of its letters escaped. */
const SUSPICIOUS = /__proto__|\\u00[567]/

export type Parsed = { body: Body } | { problem: string }

export function parseJson(raw: Buffer): Parsed {
  if (!isUtf8(raw)) return { problem: 'It is not UTF-8.' }
  const misshapen = shapeProblem(raw)
  if (misshapen !== undefined) return { problem: misshapen }
  const source = raw.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch {
    return { problem: 'It is not JSON.' }
  }
  if (SUSPICIOUS.test(source) && hasProto(value)) return { problem: 'A key __proto__ is not accepted.' }
  if (Array.isArray(value)) return { body: { items: value } }
  if (value === null || typeof value !== 'object') return { problem: 'It is neither an object nor a list.' }
  return { body: value as Body }
}

/** `payload=<JSON>`, as some tools wrap theirs, is taken as that JSON. */
export function parseForm(raw: Buffer): Parsed {
  if (!isUtf8(raw)) return { problem: 'It is not UTF-8.' }
  const body: Record<string, unknown> = {}
  let count = 0
  for (const [key, value] of new URLSearchParams(raw.toString('utf8'))) {
    if (++count > MOST_FIELDS) return { problem: `It has more than ${MOST_FIELDS} fields.` }
    if (key === '__proto__') return { problem: 'A key __proto__ is not accepted.' }
    if (!Object.hasOwn(body, key)) body[key] = value
  }
  const payload = body['payload']
  if (count === 1 && typeof payload === 'string') return parseJson(Buffer.from(payload))
  return { body }
}

/** Counted on the bytes, before anything is built from them: a wide object costs many times what its bytes do. */
function shapeProblem(raw: Buffer): string | undefined {
  const keys = new Uint32Array(DEEPEST + 1)
  let depth = 0
  let quoted = false
  for (let index = 0; index < raw.length; index++) {
    const byte = raw[index]
    if (quoted) {
      if (byte === 0x5c) index++
      else if (byte === 0x22) quoted = false
    } else if (byte === 0x22) quoted = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > DEEPEST) return `It is nested deeper than ${DEEPEST} levels.`
      keys[depth] = 0
    } else if (byte === 0x7d || byte === 0x5d) depth--
    else if (byte === 0x3a) {
      const count = (keys[depth] ?? 0) + 1
      if (count > MOST_KEYS) return `An object in it has more than ${MOST_KEYS} keys.`
      keys[depth] = count
    }
  }
  return undefined
}

function hasProto(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProto)
}

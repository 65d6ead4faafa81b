/** Checks a parsed document against a TypeBox schema; every finding says where, what was expected, and what was meant. */
import type { TSchema } from 'typebox'
import { Errors } from 'typebox/value'
import { didYouMean } from '../config/suggest.ts'
import { textOf } from './plain.ts'
import { placeOf, type Finding, type Source } from './document.ts'

export function checkDocument(source: Source, value: unknown, schema: TSchema): Finding[] {
  const findings: Finding[] = []
  for (const error of Errors(schema, value ?? {})) {
    const keys = error.instancePath
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const at = placeOf(source, keys)
    const name = keys.length > 0 ? keys.join('.') : source.path
    if (error.keyword === 'additionalProperties') {
      const known = Object.keys(schemaAt(schema, keys)?.properties ?? {})
      for (const key of error.params.additionalProperties) {
        const detail = `${name}: unknown key "${key.slice(0, 60)}"${didYouMean(key, known) || '.'}`
        findings.push({ detail, ...placeOf(source, [...keys, key], 'key') })
      }
    } else if (error.keyword === 'required') {
      const missing = error.params.requiredProperties.map((key) => `"${key}"`).join(', ')
      findings.push({ detail: `${name}: ${missing} is missing.`, ...at })
    } else if (error.keyword === 'anyOf') {
      const words = (schemaAt(schema, keys)?.anyOf ?? []).map((option) => JSON.stringify(option.const))
      findings.push({ detail: `${name}: must be one of ${words.join(', ')}.`, ...at })
    } else if (error.keyword === 'enum') {
      const words = error.params.allowedValues.map(textOf)
      const hint = didYouMean(textOf(valueAt(value, keys)), words)
      findings.push({ detail: `${name}: must be one of ${words.join(', ')}${hint || '.'}`, ...at })
    } else if (error.keyword !== 'const' && error.keyword !== 'boolean') {
      findings.push({ detail: `${name}: ${error.message}.`, ...at })
    }
  }
  return findings
}

function valueAt(value: unknown, keys: string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value)
}

interface Shape {
  properties?: Record<string, Shape>
  patternProperties?: Record<string, Shape>
  items?: Shape
  anyOf?: Shape[]
  const?: unknown
}

function schemaAt(schema: TSchema, keys: string[]): Shape | undefined {
  let shape: Shape | undefined = schema
  for (const key of keys) {
    shape = shape?.properties?.[key] ?? shape?.items ?? Object.values(shape?.patternProperties ?? {})[0]
  }
  return shape
}

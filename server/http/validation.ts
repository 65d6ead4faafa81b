/** Input is checked strictly: unknown keys are refused, and only text from an address is read as a number or boolean. */
import AjvCompiler from '@fastify/ajv-compiler'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { NAME } from '../config/config.ts'
import { SummonerError } from '../errors.ts'

type Schema = Record<string, unknown>

export function createValidatorCompiler({ atOnce = false } = {}): FastifySchemaCompiler<unknown> {
  const build = AjvCompiler()
  const strict = { removeAdditional: false, useDefaults: true, allErrors: false } as const
  const body = build({}, { customOptions: { ...strict, coerceTypes: false } })
  const address = build({}, { customOptions: { ...strict, coerceTypes: 'array' } })
  const compile = ({ schema, httpPart }: { schema: unknown; httpPart?: string }) =>
    (httpPart === 'body' ? body : address)({ schema }) as Validate
  if (atOnce) return compile as FastifySchemaCompiler<unknown>
  return ((route) => onFirstUse(() => compile(route))) as FastifySchemaCompiler<unknown>
}

interface Validate {
  (data: unknown): unknown
  errors?: unknown
}

/** Compiled code of every route would take megabytes; most routes of a box are never asked. */
function onFirstUse(compile: () => Validate): Validate {
  let compiled: Validate | undefined
  const validate: Validate = (data) => {
    compiled ??= compile()
    const answer = compiled(data)
    validate.errors = compiled.errors
    return answer
  }
  return validate
}

/** The same schema with `additionalProperties: false` wherever an object did not say. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (schema === null || typeof schema !== 'object') return schema
  const source = schema as Schema
  // The branches of an allOf see each other's keys; closing one would refuse the others'.
  if ('allOf' in source) return source
  const copy: Schema = { ...source }
  for (const key of ['items', 'anyOf', 'oneOf'] as const) if (key in copy) copy[key] = closed(copy[key])
  for (const key of ['properties', 'patternProperties'] as const) {
    const inner = copy[key]
    if (inner && typeof inner === 'object')
      copy[key] = Object.fromEntries(Object.entries(inner).map(([name, value]) => [name, closed(value)]))
  }
  if (copy['type'] === 'object' && 'properties' in copy) copy['additionalProperties'] ??= false
  return copy
}

export function invalidInput(
  validation: readonly FastifySchemaValidationError[],
  context: string | undefined,
): SummonerError {
  const [first] = validation
  const keys = (first?.instancePath ?? '').split('/').slice(1).map(unescape)
  const { additionalProperty, missingProperty } = (first?.params ?? {}) as Record<string, string | undefined>
  const extra = additionalProperty ?? missingProperty
  if (extra !== undefined) keys.push(extra)
  const path = [...(context === 'body' || context === undefined ? [] : [context]), ...keys].join('.')
  const name = path || 'the body'
  const allowed = (first?.params as { allowedValues?: unknown[] } | undefined)?.allowedValues
  const pattern = (first?.params as { pattern?: string } | undefined)?.pattern
  const said =
    pattern === NAME
      ? 'must be a letter, then letters, digits and hyphens, lower case, at most 40'
      : first?.message
  const reason =
    additionalProperty !== undefined
      ? `${name} is not known here.`
      : missingProperty !== undefined
        ? `${name} is missing.`
        : `${name} ${said ?? 'is not valid'}${allowed ? `: ${allowed.join(', ')}` : ''}.`
  return new SummonerError('input.invalid', reason, path ? { at: { path } } : {})
}

/** One key of a JSON pointer. */
function unescape(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}

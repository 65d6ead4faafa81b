/** What a person may type into an input of a template, and the form (JSON Schema) that the web page draws from it. */
import type { TemplateDescription, TemplateInput } from './template.ts'

// Control characters: only a longer text may have lines and tabs.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f]/
// oxlint-disable-next-line no-control-regex
const CONTROL_IN_TEXT = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/

/** Continues the sentence `"ID" …`; undefined when the value fits. */
export function inputProblem(input: TemplateInput, value: string): string | undefined {
  const { type, choices = [], pattern } = input
  if ((type === 'text' ? CONTROL_IN_TEXT : CONTROL).test(value)) return 'contains a control character'
  if (type === 'boolean' && !/^(true|false)$/.test(value)) return 'must be true or false'
  if (type === 'integer' && !/^-?\d{1,15}$/.test(value)) return 'must be a whole number'
  if (type === 'email' && !/^[^\s@<>"']+@[^\s@<>"']+$/.test(value)) return 'must be a mail address'
  if (type === 'url' && !(/^https?:\/\//.test(value) && URL.canParse(value))) {
    return 'must be an address that begins with http:// or https://'
  }
  if (type === 'choice' && !choices.includes(value)) return `must be one of ${choices.join(', ')}`
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return `must match ${pattern}`
  return undefined
}

interface FormField {
  type: string
  title: string
  'x-title': { en: string; fr: string }
  [keyword: string]: unknown
}

export interface Form {
  $schema: string
  type: 'object'
  properties: Record<string, FormField>
  required: string[]
  additionalProperties: false
}

/** Values are texts, as `.env` carries them; `x-type` says what to draw. Generated inputs may stay empty. */
export function formOf({ inputs = [] }: Pick<TemplateDescription, 'inputs'>): Form {
  const properties: Record<string, FormField> = {}
  for (const input of inputs) {
    const { id, type, label, help, choices, pattern, generate, secret, immutable } = input
    properties[id] = {
      type: 'string',
      title: label.en,
      'x-title': label,
      'x-type': type,
      ...(help ? { description: help.en, 'x-description': help } : {}),
      ...(input.default === undefined || secret ? {} : { default: input.default }),
      ...(type === 'choice' ? { enum: choices ?? [] } : {}),
      ...(type === 'boolean' ? { enum: ['true', 'false'] } : {}),
      ...(type === 'integer' ? { pattern: '^-?[0-9]+$' } : {}),
      ...(type === 'email' ? { format: 'email' } : {}),
      ...(type === 'url' ? { format: 'uri' } : {}),
      ...(pattern === undefined ? {} : { pattern }),
      ...(secret || type === 'password' ? { writeOnly: true } : {}),
      ...(generate ? { 'x-generated': true } : {}),
      ...(immutable ? { 'x-immutable': true } : {}),
    }
  }
  const required = inputs.filter((it) => it.required && it.default === undefined && !it.generate)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties,
    required: required.map(({ id }) => id),
    additionalProperties: false,
  }
}

export function isPattern(pattern: string): boolean {
  try {
    return Boolean(new RegExp(pattern, 'u'))
  } catch {
    return false
  }
}

/** A recipe as it stands in config.yml; pure. */
import type { Recipe } from '../../../server/webhooks/recipe.ts'

/** Block style; texts that are not surely plain in double quotes, which are JSON's. */
export function recipeYaml(recipe: Recipe): string {
  return `recipes:\n  - ${lines(recipe as unknown as Record<string, unknown>, '    ').trimStart()}`
}

function lines(value: Record<string, unknown>, indent: string): string {
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([key, one]) => `${indent}${key}:${after(one, indent)}`)
    .join('\n')
}

function after(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== 'object' || one === null))
      return ` [${value.map(scalar).join(', ')}]`
    return `\n${value.map((one) => `${indent}  - ${lines(one as Record<string, unknown>, `${indent}    `).trimStart()}`).join('\n')}`
  }
  if (typeof value === 'object' && value !== null)
    return `\n${lines(value as Record<string, unknown>, `${indent}  `)}`
  return ` ${scalar(value)}`
}

const PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/
const WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i

const scalar = (value: unknown): string =>
  typeof value === 'string' && PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value)

/** Takes a text of a compose file apart at its variables. */
import { variablesIn } from '../variables.ts'

interface Part {
  name: string
  /** `:-`, `-`, `:?`, `?`, `:+`, `+` or empty. */
  operator: string
  fallback?: string
}
export class BadVariable extends Error {}

/** Replaces every variable of `text`; `$$` and all other text stay as they are. */
export function renderParts(text: string, replace: (part: Part) => string): string {
  let out = ''
  let index = 0
  while (index < text.length) {
    const character = text[index] ?? ''
    if (character !== '$') {
      out += character
      index += 1
    } else if (text[index + 1] === '$') {
      out += '$$'
      index += 2
    } else if (text[index + 1] === '{') {
      const end = closing(text, index + 2)
      const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([\s\S]*))?$/.exec(text.slice(index + 2, end))
      if (end < 0 || !match?.[1]) throw new BadVariable(text.slice(index, index + 24))
      const operator = match[2] ?? ''
      const fallback = operator === '' || operator.endsWith('?') ? undefined : match[3]
      out += replace({ name: match[1], operator, ...(fallback === undefined ? {} : { fallback }) })
      index = end + 1
    } else {
      const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text.slice(index + 1))?.[0]
      if (name === undefined) throw new BadVariable(text.slice(index, index + 24))
      out += replace({ name, operator: '' })
      index += 1 + name.length
    }
  }
  return out
}

/** Variables that `text` names, whatever else is wrong with it. */
export function variablesOf(text: string): string[] {
  return variablesIn(text).map(({ name }) => name)
}

function closing(text: string, from: number): number {
  let depth = 1
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === '$' && text[index + 1] === '{') depth += 1
    else if (text[index] === '}' && --depth === 0) return index
  }
  return -1
}

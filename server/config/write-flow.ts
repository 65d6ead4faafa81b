/** Values as one line of YAML, as a person would type them: `{name: cloud, version: "34.0.3"}`. */

/** Words that YAML reads as something else than text. */
const OTHER = /^(?:true|false|null|yes|no|on|off|y|n)$/i

/** Safe unquoted in every place, block or flow: starts with a letter, holds no indicator. */
const PLAIN = /^[A-Za-z](?:[A-Za-z0-9_./-]*[A-Za-z0-9_/])?$/

export function flowScalar(text: string): string {
  return PLAIN.test(text) && !OTHER.test(text) ? text : quoted(text)
}

export function flowValue(value: unknown, key?: string): string {
  if (typeof value === 'string') return key === 'version' ? quoted(value) : flowScalar(value)
  if (Array.isArray(value)) return `[${value.map((item) => flowValue(item)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pairs = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${pairs.map(([name, inner]) => `${flowScalar(name)}: ${flowValue(inner, name)}`).join(', ')}}`
}

/** JSON strings are YAML's double-quoted ones, but for the line separators that YAML may fold. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** `${VARIABLES}` of compose files, read as compose reads them. */

export interface Variable {
  name: string
  /** Has `:-x` or the like, so that compose does not need it. */
  optional: boolean
}

interface Reference extends Variable {
  start: number
  end: number
  operator: string
  rest: string
}

/** Fills in `env`; an unset variable becomes empty, as compose does it. */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  let out = ''
  let at = 0
  for (const reference of referencesIn(text)) {
    out += text.slice(at, reference.start) + valueOf(reference, env)
    at = reference.end
  }
  return out + text.slice(at)
}

/** Every variable that any text inside `value` names, each with the key path of its text. */
export function variablesIn(
  value: unknown,
  keys: (string | number)[] = [],
): (Variable & { keys: (string | number)[] })[] {
  if (typeof value === 'string') {
    return referencesIn(value).flatMap(({ name, optional, rest }) =>
      name === '' ? [] : [{ name, optional, keys }, ...variablesIn(rest, keys)],
    )
  }
  if (value === null || typeof value !== 'object') return []
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value)
  return entries.flatMap(([key, inner]) => variablesIn(inner, [...keys, key]))
}

/** A literal text for a compose file: what looks like a variable stays as it is. */
export function escapeVariables(text: string): string {
  return text.replaceAll('$', '$$$$')
}

function valueOf({ name, operator, rest }: Reference, env: Readonly<Record<string, string>>): string {
  if (name === '') return '$'
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  const set = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  if (operator.endsWith('-')) return set ? (value ?? '') : interpolate(rest, env)
  if (operator.endsWith('+')) return set ? interpolate(rest, env) : ''
  return value ?? ''
}

/** `$$` is a reference without a name. */
function referencesIn(text: string): Reference[] {
  const found: Reference[] = []
  for (let at = text.indexOf('$'); at !== -1; at = text.indexOf('$', at)) {
    const reference = referenceAt(text, at)
    if (reference) found.push(reference)
    at = reference?.end ?? at + 1
  }
  return found
}

function referenceAt(text: string, start: number): Reference | undefined {
  const plain = { start, operator: '', rest: '', optional: false }
  if (text[start + 1] === '$') return { ...plain, name: '', end: start + 2, optional: true }
  const name = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(text.slice(start, start + 256))?.[1]
  if (name) return { ...plain, name, end: start + 1 + name.length }
  const braced = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[-?+])?/.exec(text.slice(start, start + 256))
  if (!braced?.[1]) return undefined
  const [whole, inner, operator = ''] = braced
  const end = closingBrace(text, start + 2)
  if (end === undefined || (operator === '' && end !== start + whole.length)) return undefined
  const rest = text.slice(start + whole.length, end)
  return { name: inner, operator, rest, optional: /[-+]$/.test(operator), start, end: end + 1 }
}

function closingBrace(text: string, from: number): number | undefined {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{' && text[at - 1] === '$') depth += 1
    else if (text[at] === '}' && --depth === 0) return at
  }
  return undefined
}

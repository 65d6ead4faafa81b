/** Addresses of the page to names and back; pure. */
export type Params = Record<string, string>

/** `/minions/:name/:tab?` against a path; undefined when it does not fit. */
export function matchPath(pattern: string, path: string): Params | undefined {
  const wanted = pattern.split('/').filter(Boolean)
  const given = path.split('/').filter(Boolean)
  if (given.length > wanted.length) return undefined
  const params: Params = {}
  for (const [index, part] of wanted.entries()) {
    const value = given[index]
    const optional = part.endsWith('?')
    if (value === undefined) {
      if (optional) continue
      return undefined
    }
    if (part.startsWith(':')) {
      const decoded = decoded1(value)
      if (decoded === undefined) return undefined
      params[part.slice(1).replace('?', '')] = decoded
    } else if (part !== value) return undefined
  }
  return params
}

function decoded1(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/** Only an address of this page: `//evil.example` and `https:` are none. */
export function localPath(value: string | null | undefined): string {
  return value && /^\/(?![/\\])/.test(value) ? value : '/'
}

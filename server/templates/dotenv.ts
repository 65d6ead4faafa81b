/** `.env` as compose reads it: one `KEY='value'` a line, any text as value, and the way back. */

/**
 * Single quotes, inside which compose knows only `\'`. A backslash right before a quote, and a carriage return,
 * cannot be said that way: those values stand in double quotes with every special sign escaped.
 */
export function writeDotenv(env: Readonly<Record<string, string>>, comment: string): string {
  const lines = Object.entries(env).map(([key, value]) => `${key}=${quoted(value)}\n`)
  return `# ${comment}\n${lines.join('')}`
}

export function quoted(value: string): string {
  if (!/\r|(?<!\\)\\(?:\\\\)*(?:'|$)/.test(value) && !value.endsWith('\\')) {
    return `'${value.replaceAll("'", "\\'")}'`
  }
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('$', '\\$')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
  return `"${escaped}"`
}

/** Reads what {@link writeDotenv} wrote, and what people add by hand in the same style; other lines are skipped. */
export function readDotenv(text: string): Record<string, string> {
  const env: Record<string, string> = {}
  const entry =
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|([^'"\n][^\n]*)?)/gms
  for (const [, key, single, double, bare] of text.matchAll(entry)) {
    if (key === undefined) continue
    if (single !== undefined) env[key] = single.replaceAll("\\'", "'")
    else if (double !== undefined) env[key] = unescaped(double)
    else env[key] = (bare ?? '').replace(/[ \t]+#.*$/, '').trim()
  }
  return env
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_whole, sign: string) => ({ n: '\n', r: '\r' })[sign] ?? sign)
}

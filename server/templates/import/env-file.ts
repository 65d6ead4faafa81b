/** Reads an env file of somebody else: like compose, but with the line of each variable and of what is no variable. */
export interface EnvLine {
  key: string
  value: string
  line: number
}

export function readEnvFile(text: string): { entries: EnvLine[]; bad: number[] } {
  const entries: EnvLine[] = []
  const bad: number[] = []
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const match = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:=\s*(.*))?$/.exec(line)
    if (!match?.[1]) {
      bad.push(index + 1)
      continue
    }
    entries.push({ key: match[1], value: unquote(match[2] ?? ''), line: index + 1 })
  }
  return { entries, bad }
}

function unquote(value: string): string {
  const single = /^'([^']*)'/.exec(value)
  if (single) return (single[1] ?? '').replaceAll('$', '$$$$')
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(value)
  if (double)
    return (double[1] ?? '').replace(/\\(n|r|t|["\\$])/g, (_all, code: string) => ESCAPES[code] ?? code)
  return value.replace(/\s+#.*$/, '').trim()
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', $: '$$' }

/**
 * The installer's hand on config.yml, before any daemon runs:
 *   config.ts set FILE domain=example.org email=ops@example.org   splices the values in, every other byte stays
 *   config.ts roots FILE DATA                                     prints vsroot and dbsroot as absolute paths
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml'

const PATTERNS: Record<string, RegExp> = {
  domain: /^(?=.{1,200}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
  email: /^[^\s@'"#:,{}[\]]+@[^\s@'"#:,{}[\]]+$/,
}

function boxOf(file: string, text: string): YAMLMap {
  const document = parseDocument(text)
  const problem = document.errors[0]
  if (problem) throw new Error(`${file}: ${problem.message}`)
  const box = isMap(document.contents) ? document.contents.get('summoner', true) : undefined
  if (!isMap(box)) throw new Error(`${file}: the key "summoner" is missing`)
  return box
}

function set(text: string, file: string, key: string, value: string): string {
  if (!PATTERNS[key]?.test(value)) throw new Error(`"${value}" is not a valid ${key}`)
  const box = boxOf(file, text)
  const old = box.get(key, true)
  if (isScalar(old) && old.range) {
    if (old.value === value) return text
    // An empty value has no text of its own: its range lies right behind the colon.
    const [from, to] = old.range
    return text.slice(0, from) + (from === to && text[from - 1] === ':' ? ' ' : '') + value + text.slice(to)
  }
  const first = box.items[0]?.key
  const start = isScalar(first) ? first.range?.[0] : undefined
  if (old !== undefined || box.flow === true || start === undefined)
    throw new Error(`${file}: ${key} cannot be set here; write it into the file`)
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return `${text.slice(0, start)}${key}: ${value}\n${indent}${text.slice(start)}`
}

function write(file: string, text: string) {
  const temporary = `${file}.tmp`
  writeFileSync(temporary, text, { mode: statSync(file).mode })
  renameSync(temporary, file)
}

function root(value: unknown, fallback: string): string {
  if (typeof value !== 'string') return fallback
  return resolve(value.replace(/^~(?=\/|$)/, homedir()))
}

const [verb, file = '', ...rest] = process.argv.slice(2)
try {
  const before = readFileSync(file, 'utf8')
  if (verb === 'set') {
    let after = before
    const said: string[] = []
    for (const wish of rest) {
      const [key = '', value = ''] = wish.split(/=(.*)/s)
      const next = set(after, file, key, value)
      if (next !== after) said.push(`${key} is now ${value}`)
      after = next
    }
    if (after !== before) write(file, after)
    process.stdout.write(said.join(', '))
  } else {
    const box = boxOf(file, before)
    const data = rest[0] ?? ''
    process.stdout.write(
      `${root(box.get('vsroot'), data)}\n${root(box.get('dbsroot'), join(data, 'database'))}\n`,
    )
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

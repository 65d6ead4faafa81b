/**
 * The installer's hand on config.yml, before any daemon runs:
 *   config.ts set FILE domain=example.org email=ops@example.org   splices the values in, every other byte stays
 *   config.ts roots FILE                                          prints vsroot and dbsroot as absolute paths
 * A file that is not valid is never written, and its first error is told with line and column.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml'
import { parseConfig } from '../../server/config/parse.ts'
import { SummonerError } from '../../server/errors.ts'

const KEYS = ['domain', 'email']

function boxOf(file: string, text: string): YAMLMap {
  const { contents } = parseDocument(text)
  const box = isMap(contents) ? contents.get('summoner', true) : undefined
  if (!isMap(box)) throw new Error(`${file}: the key "summoner" is missing`)
  return box
}

function set(text: string, file: string, key: string, value: string): string {
  if (!KEYS.includes(key) || !/^[^\s'"#:,{}[\]&*!|>%`]+$/.test(value)) {
    throw new Error(`"${value}" cannot be the ${key} of a box`)
  }
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
  if (old !== undefined || box.flow === true || start === undefined) {
    throw new Error(`${file}: ${key} cannot be set here; write it into the file`)
  }
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return `${text.slice(0, start)}${key}: ${value}\n${indent}${text.slice(start)}`
}

function write(file: string, text: string): void {
  const temporary = `${file}.tmp`
  writeFileSync(temporary, text, { mode: statSync(file).mode })
  renameSync(temporary, file)
}

function explain(error: unknown, file: string): string {
  if (!(error instanceof SummonerError)) return error instanceof Error ? error.message : String(error)
  const { line, column } = error.at
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`
  return `${place}: ${error.message} ${error.hint}`
}

const [verb, given = '', ...wishes] = process.argv.slice(2)
const file = resolve(given)
const place = { path: file, home: homedir() }
try {
  const before = readFileSync(file, 'utf8')
  if (verb === 'set') {
    let after = before
    const said: string[] = []
    for (const wish of wishes) {
      const [key = '', value = ''] = wish.split(/=(.*)/s)
      const next = set(after, file, key, value)
      if (next !== after) said.push(`${key} is now ${value}`)
      after = next
    }
    parseConfig(after, place)
    if (after !== before) write(file, after)
    process.stdout.write(said.join(', '))
  } else {
    const { config } = parseConfig(before, place)
    process.stdout.write(`${config.vsroot}\n${config.dbsroot}\n`)
  }
} catch (error) {
  process.stderr.write(`${explain(error, file)}\n`)
  process.exitCode = 1
}

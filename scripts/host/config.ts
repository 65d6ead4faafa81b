/**
 * The installer's hand on config.yml, before any daemon runs:
 *   config.ts set FILE domain=example.org email=ops@example.org   splices the values in, every other byte stays
 *   config.ts roots FILE                                          prints vsroot, dbsroot and where copies of backups go, a line each
 * A file that is not valid is never written, and its first error is told with line and column.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Config } from '../../server/config/config.ts'
import { createDraft, pairOf } from '../../server/config/draft.ts'
import { setDomain, type ConfigEdit } from '../../server/config/edits.ts'
import { parseConfig } from '../../server/config/parse.ts'
import { pairBelow, replaceValue } from '../../server/config/splice.ts'
import { flowScalar } from '../../server/config/write-flow.ts'
import { SummonerError } from '../../server/errors.ts'

function setEmail(email: string): ConfigEdit {
  return {
    intend: (config) => ({ ...config, email }),
    write(draft, before) {
      if (before.email === email) return
      const root = draft.root()
      const [pair, domain] = [pairOf(root, 'email'), pairOf(root, 'domain')]
      const value = flowScalar(email)
      if (pair) draft.splice(replaceValue(draft.text(), pair, value))
      else if (domain) draft.splice(pairBelow(draft.text(), domain, `email: ${value}`))
    },
  }
}

const EDITS: Record<string, (value: string) => ConfigEdit> = { domain: setDomain, email: setEmail }

/** The text with `wishes` written in, and what that changed; throws where the result is not what was intended. */
function edited(text: string, wishes: string[], parse: (text: string) => Config) {
  const draft = createDraft(text)
  const said: string[] = []
  for (const wish of wishes) {
    const [key = '', value = ''] = wish.split(/=(.*)/s)
    const edit = EDITS[key]?.(value)
    if (!edit) throw new Error(`${key} cannot be set here`)
    const before = draft.text()
    edit.write(draft, parse(before))
    const now = parse(draft.text())
    if (now[key as 'domain' | 'email'] !== value)
      throw new Error(`${key} cannot be set here; write it into the file`)
    if (draft.text() !== before) said.push(`${key} is now ${value}`)
  }
  return { text: draft.text(), said }
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
const parse = (text: string) => parseConfig(text, { path: file, home: homedir() }).config
try {
  const before = readFileSync(file, 'utf8')
  if (verb === 'set') {
    const { text, said } = edited(before, wishes, parse)
    if (text !== before) write(file, text)
    process.stdout.write(said.join(', '))
  } else {
    const { vsroot, dbsroot, backups } = parse(before)
    const destinations = (backups.destinations ?? []).map(({ to }) => to)
    process.stdout.write([vsroot, dbsroot, ...destinations, ''].join('\n'))
  }
} catch (error) {
  process.stderr.write(`${explain(error, file)}\n`)
  process.exitCode = 1
}

/**
 * Random edits on random files in every style: the bytes of every line that the edit does not concern stay, in order,
 * and the text means what was asked. Repeat a failure with SEED=<the printed seed>; FILES=<n> runs longer.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { isMap, isSeq, parse, parseDocument, type Scalar, type YAMLMap } from 'yaml'
import { createConfigFile } from './config-file.ts'
import type { Application, Config } from './config.ts'
import {
  addApplication,
  removeApplication,
  setApplicationFields,
  setApplicationState,
  setDomain,
  type ApplicationFields,
  type ConfigEdit,
} from './edits.ts'

const FILES = Number(process.env['FILES'] ?? 60)
const EDITS = 6
const seed = Number(process.env['SEED'] ?? (Math.random() * 2 ** 31) | 0)
t.comment(`seed ${seed}`)

let state = seed
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}
const chance = (share: number) => random() < share
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

const NAMES = ['true', 'no', 'ghost', 'cloud', 'site', 'chat', 'wiki', 'blog', 'shop', 'board']
const VALUES = ['x', '8.10', 'no', "it's", 'a b', 'a # b', '{x}', '', '~', 'C:\\n', 'two\nlines\n', '- a: b']

let comments = 0
/** Each comment is unlike all others, so that a lost or moved one is seen. */
const comment = () => (chance(0.3) ? ` # note ${++comments}` : '')
const ownLine = (indent: string) =>
  chance(0.2) ? `${indent}# line ${++comments}\n` : chance(0.1) ? '\n' : ''

interface Concern {
  name: string
  kind: 'domain' | 'add' | 'remove' | 'set'
}

interface Entry {
  name: string
  more: [key: string, value: string][]
  env: [key: string, value: string][]
}

function entries(): Entry[] {
  return NAMES.filter(() => chance(0.45)).map((name) => ({
    name,
    more: [
      ...(chance(0.3) ? [['template', 'ghost'] as [string, string]] : []),
      ...(chance(0.3) ? [['version', pick(['8.10', '"1.2"', "'3'"])] as [string, string]] : []),
      ...(chance(0.3) ? [['state', pick(['running', 'stopped'])] as [string, string]] : []),
    ],
    env: chance(0.3)
      ? [
          ['A', '007'],
          ['B', '"x, y"'],
        ]
      : [],
  }))
}

/** As text in every place: `true` alone is none. */
const named = ({ name }: Entry) => (name === 'true' ? '"true"' : name)

function flowEntry(entry: Entry): string {
  if (entry.more.length + entry.env.length === 0 && chance(0.7)) return named(entry)
  const env = entry.env.map(([key, value]) => `${key}: ${value}`).join(', ')
  const pairs = [['name', named(entry)], ...entry.more, ...(env === '' ? [] : [['env', `{${env}}`]])]
  if (chance(0.2)) pairs.reverse()
  return `{${pairs.map(([key, value]) => `${key}: ${value}`).join(', ')}}`
}

function blockEntry(entry: Entry, dash: string): string {
  if (chance(0.5)) return `${dash}- ${flowEntry(entry)}${comment()}\n`
  const inner = `${dash}  `
  const lines = [`name: ${named(entry)}`, ...entry.more.map(([key, value]) => `${key}: ${value}`)]
  let text = lines
    .map((line, index) => `${index === 0 ? `${dash}- ` : inner}${line}${comment()}\n${ownLine(inner)}`)
    .join('')
  if (entry.env.length > 0) {
    text += `${inner}env:${comment()}\n`
    for (const [key, value] of entry.env) text += `${inner}  ${key}: ${value}${comment()}\n`
    if (chance(0.4)) text += `${inner}  TEXT: |\n${inner}    one\n${inner}    two\n`
  }
  return text
}

function applications(list: Entry[], indent: string): string {
  const plain = list.every((entry) => entry.name !== 'true' && entry.more.length + entry.env.length === 0)
  const names = list.map((entry) => entry.name).join(pick([' ', '  ']))
  if (list.length === 0)
    return pick(['', `${indent}applications:${comment()}\n`, `${indent}applications: []${comment()}\n`])
  if (plain && chance(0.7)) {
    const text = pick([names, `"${names}"`, `'${names}'`])
    return pick([
      `${indent}applications: ${text}${comment()}\n`,
      `${indent}applications:${comment()}\n${indent}    ${text}${comment()}\n`,
      `${indent}applications: >-\n${indent}  ${list.map((entry) => entry.name).join(`\n${indent}  `)}\n`,
    ])
  }
  if (chance(0.3)) {
    const comma = chance(0.4) ? ',' : ''
    if (chance(0.5)) return `${indent}applications: [${list.map(flowEntry).join(', ')}${comma}]${comment()}\n`
    const last = list.length - 1
    const lines = list.map(
      (entry, index) => `${indent}  ${flowEntry(entry)}${index < last ? ',' : comma}${comment()}\n`,
    )
    return `${indent}applications: [\n${lines.join('')}${indent}]${comment()}\n`
  }
  const dash = chance(0.3) ? indent : `${indent}  `
  return `${indent}applications:${comment()}\n${list.map((entry) => ownLine(dash) + blockEntry(entry, dash)).join('')}`
}

function randomFile(): string {
  const indent = pick(['  ', '    ', ' '])
  const list = entries()
  const stack = list.filter(() => chance(0.5)).map(named)
  const sections = [
    `${indent}domain: ${pick(['a.example', '"a.example"', "'a.example'"])}${comment()}\n`,
    applications(list, indent),
    ...(chance(0.4) ? [`${indent}email: ops@a.example${comment()}\n`] : []),
    ...(chance(0.4) ? [`${indent}backups: {dump: "0 2 * * *"}${comment()}\n`] : []),
    ...(chance(0.4) ? [`${indent}stacks: {all: [${stack.join(', ')}]}${comment()}\n`] : []),
    ...(chance(0.3)
      ? [
          `${indent}stacks_:\n${indent}  one:\n${stack.map((name) => `${indent}  - ${name}${comment()}\n`).join('')}`,
        ]
      : []),
    ...(chance(0.3)
      ? [
          `${indent}recipes:\n${indent}- name: tell\n${indent}  on: {type: x}\n${indent}  do:\n${indent}  - minion:\n${indent}      restart: |\n${indent}        hello  \n`,
        ]
      : []),
  ]
  const names = sections.some((section) => section.includes('stacks:'))
  const chosen = sections.filter((section) => !(names && section.includes('stacks_')))
  const shuffled = chosen.map((section) => [random(), section] as const).sort((a, b) => a[0] - b[0])
  const body = shuffled.map(([, section]) => ownLine(indent) + section.replace('stacks_', 'stacks')).join('')
  let text = `${ownLine('')}summoner:${comment()}\n${body}${ownLine(indent)}`
  if (chance(0.2)) text = text.replace(/\n+$/, '')
  return chance(0.25) ? text.replaceAll('\n', '\r\n') : text
}

/** An edit, the lines that it may concern, and what the box must be afterwards: said here without the code under test. */
function randomEdit(config: Config): { what: string; edit: ConfigEdit; concern: Concern; after: Config } {
  const present = config.applications.filter(({ name }) => name !== 'nginx')
  const absent = NAMES.filter((name) => !present.some((application) => application.name === name))
  const roll = random()
  const after = structuredClone(config)
  if (roll < 0.1 || (present.length === 0 && absent.length === 0)) {
    const domain = pick(['b.example', 'localhost', 'kit.test'])
    return {
      what: `domain ${domain}`,
      edit: setDomain(domain),
      concern: { name: '', kind: 'domain' },
      after: { ...after, domain },
    }
  }
  if ((roll < 0.4 && absent.length > 0) || present.length === 0) {
    const name = pick(absent)
    const options = chance(0.5) ? {} : { template: 'wiki', version: '8.10', env: { K: pick(VALUES) } }
    after.applications.push({
      name,
      template: name,
      subdomain: name,
      state: 'running',
      database: 'dedicated',
      env: {},
      grants: [],
      ...options,
    })
    return {
      what: `add ${name} ${JSON.stringify(options)}`,
      edit: addApplication({ name, ...options }),
      concern: { name, kind: 'add' },
      after,
    }
  }
  const { name } = pick(present)
  if (roll < 0.6) {
    after.applications = after.applications.filter((application) => application.name !== name)
    for (const [stack, members] of Object.entries(after.stacks))
      after.stacks[stack] = members.filter((one) => one !== name)
    return { what: `remove ${name}`, edit: removeApplication(name), concern: { name, kind: 'remove' }, after }
  }
  const target = after.applications.find((application) => application.name === name) as Application
  if (roll < 0.8) {
    const wish = pick(['running', 'stopped'] as const)
    target.state = wish
    return {
      what: `${name} ${wish}`,
      edit: setApplicationState(name, wish),
      concern: { name, kind: 'set' },
      after,
    }
  }
  const fields: ApplicationFields = {}
  if (chance(0.5)) fields.version = pick(['1', '8.10', undefined])
  if (chance(0.5))
    fields.env = pick([{}, { A: pick(VALUES) }, { ...target.env, [pick(['A', 'B', 'C'])]: pick(VALUES) }])
  if (chance(0.3)) fields.grants = pick([[], ['docker.sock'], ['a', 'b c']])
  if (chance(0.3)) fields.state = pick(['running', 'stopped', undefined])
  Object.assign(target, fields)
  if (target.version === undefined) delete target.version
  target.state ??= 'running'
  return {
    what: `${name} ${JSON.stringify(fields, (_key, value: unknown) => value ?? 'default')}`,
    edit: setApplicationFields(name, fields),
    concern: { name, kind: 'set' },
    after,
  }
}

const folder = mkdtempSync(join(tmpdir(), 'summoner-random-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'config.yml')
let moment = 0
const file = createConfigFile({
  path,
  home: '/home/ada',
  previousDir: join(folder, 'previous'),
  clock: () => new Date(moment++),
})

t.test(`${FILES} files, ${EDITS} edits each, seed ${seed}`, async (t) => {
  let done = 0
  for (let number = 0; number < FILES; number++) {
    const text = randomFile()
    writeFileSync(path, text)
    for (let count = 0; count < EDITS; count++) {
      const before = file.read()
      const { what, edit, concern, after } = randomEdit(before.config)
      const context = `seed ${seed}, file ${number}, edit ${count}: ${what}\n${before.text}`
      try {
        const now = await file.edit(edit)
        const expected = { ...after, applications: sorted(after) }
        const actual = { ...now.config, applications: sorted(now.config) }
        if (JSON.stringify(actual) !== JSON.stringify(expected)) {
          t.same(actual, expected, `means what was asked: ${context}`)
        }
        const lost = strangers(before.text, now.text, concern)
        if (lost.length > 0) t.fail(`other lines stay: ${context}=>\n${now.text}`, { lost })
        if (before.text.includes('\r\n') && /[^\r]\n/.test(now.text))
          t.fail(`line ends stay: ${context}=>\n${now.text}`)
        // What is removed takes the comment behind it along; nothing else takes any.
        const removes = concern.kind === 'remove' || what.includes('"env"') || /\{\}|default/.test(what)
        if (!removes && commentsOf(now.text).join() !== commentsOf(before.text).join()) {
          t.fail(`comments stay: ${context}=>\n${now.text}`)
        }
        parse(now.text)
        done++
      } catch (error) {
        t.fail(`${context}\n${String(error)}`)
      }
    }
  }
  t.equal(done, FILES * EDITS, 'every edit was possible')
})

function sorted(config: Config): unknown[] {
  return config.applications.map((application) =>
    Object.fromEntries(Object.entries(application).sort(([one], [other]) => (one < other ? -1 : 1))),
  )
}

/** Lines of the old text outside what the edit concerns that are not there, in order, any more. */
function strangers(before: string, after: string, concern: Concern): string[] {
  const concerned = linesOf(before, concern)
  const now = after.split('\n')
  let from = 0
  return before.split('\n').filter((line, index) => {
    if (concerned.has(index)) return false
    // The last line may gain or lose its line break with what follows it.
    const at = now.findIndex((other, place) => place >= from && other.trimEnd() === line.trimEnd())
    if (at !== -1) from = at + 1
    return at === -1 && line.trim() !== ''
  })
}

/** Found with the YAML library alone: the lines of the entry, or of the whole list where that is one scalar. */
function linesOf(text: string, { name, kind }: Concern): Set<number> {
  const lines = new Set<number>()
  const add = (start: number, end: number) => {
    const first = text.slice(0, start).split('\n').length - 1
    const last = text.slice(0, end).replace(/\n$/, '').split('\n').length - 1
    for (let line = first; line <= last; line++) lines.add(line)
  }
  const document = parseDocument(text)
  const summoner = document.get('summoner') as YAMLMap
  const pair = (key: string) => summoner.items.find((item) => (item.key as Scalar).value === key)
  const [list, stacks, domain] = [pair('applications'), pair('stacks'), pair('domain')]
  if (kind === 'domain') {
    const [start = 0, end = 0] = (domain?.value as Scalar | undefined)?.range ?? []
    add(start, end)
  } else if (list !== undefined && !isSeq(list.value)) {
    add((list.key as Scalar).range?.[0] ?? 0, (list.value as Scalar | null)?.range?.[1] ?? 0)
  } else if (isSeq(list?.value)) {
    const { items, flow, range: all } = list.value
    if (items.length === 0) add(all?.[0] ?? 0, all?.[0] ?? 0)
    const names = items.map((item) => (isMap(item) ? item.get('name') : (item as Scalar).value))
    const index = kind === 'add' ? items.length : names.indexOf(name)
    for (const at of flow ? [index - 1, index] : [index]) {
      const range = (items[at] as Scalar | undefined)?.range
      if (range) add(range[0], range[1])
    }
  }
  if (kind === 'remove' && isMap(stacks?.value)) {
    for (const { value } of stacks.value.items) {
      for (const item of isSeq(value) ? value.items : []) {
        const { value: member, range } = item as Scalar
        if (member === name && range) add(range[0], range[1])
      }
    }
  }
  return lines
}

/** Each is unlike all others. */
function commentsOf(text: string): string[] {
  return text.match(/# (note|line) \d+/g) ?? []
}

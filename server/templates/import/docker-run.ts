/** `docker run …` as a compose file of one service. Nothing is run; every flag is known or refused with its column. */
import { didYouMean } from '../../config/suggest.ts'
import { slug } from './draft.ts'
import { splitReference } from './image.ts'
import { ALIAS, LIST, SINGLE, SWITCH } from './run-flags.ts'
import { RUN_PATH, shellWords, type Word } from './shell-words.ts'
import { Unreadable, type Key, type Source, type SourcePlace } from './source.ts'

export function readDockerRun(line: string): Source {
  const words = shellWords(line)
  const start = places(words)
  const first = /^(docker|podman|nerdctl)$/
  if (words[0]?.text === 'sudo') words.shift()
  if (first.test(words[0]?.text ?? '')) words.shift()
  if (words[0]?.text === 'container') words.shift()
  if (words[0]?.text !== 'run' && words[0]?.text !== 'create') {
    throw new Unreadable('This is not a docker run command', words[0]?.place ?? start)
  }
  words.shift()
  const service: Record<string, unknown> = {}
  const where = new Map<string, SourcePlace>()
  const health: Record<string, unknown> = {}
  const set = (flag: Word, name: string, value: string) => {
    const list = LIST[name]
    if (list !== undefined) {
      const items = (service[list] ??= []) as unknown[]
      where.set(`${list}\0${items.length}`, flag.place)
      items.push(name === 'mount' ? mountOf(value, flag.place) : value)
      if (!where.has(list)) where.set(list, flag.place)
      return
    }
    const key = SINGLE[name]
    if (key === undefined) return
    where.set(key, flag.place)
    if (key === 'health-cmd') health['test'] = ['CMD-SHELL', value]
    else if (name.startsWith('health-')) health[key] = value
    else if (key === 'network_mode' && !/^(host|none|container:.*)$/.test(value)) where.delete(key)
    else if (name === 'stop-timeout') service[key] = `${value}s`
    else service[key] = value
  }
  readFlags(words, set, (flag, key) => {
    service[key] = true
    where.set(key, flag.place)
  })
  const image = words.shift()
  if (!image) throw new Unreadable('The command names no image', start)
  service['image'] = image.text
  where.set('image', image.place)
  if (words.length > 0) service['command'] = words.map(({ text }) => text)
  if (health['test'] !== undefined) service['healthcheck'] = health
  if (Array.isArray(service['sysctls'])) service['sysctls'] = pairs(service['sysctls'] as string[])
  if (Array.isArray(service['ulimits'])) service['ulimits'] = limitsOf(service['ulimits'] as string[])
  const own =
    typeof service['container_name'] === 'string'
      ? service['container_name']
      : splitReference(image.text).repository
  const name = slug(own.split('/').at(-1) ?? 'app')
  return {
    path: RUN_PATH,
    value: { services: { [name]: service } },
    at(keys: readonly Key[]) {
      const inner = keys.slice(2)
      return where.get(inner.slice(0, 2).join('\0')) ?? where.get(String(inner[0])) ?? image.place
    },
  }
}

function readFlags(
  words: Word[],
  set: (flag: Word, name: string, value: string) => void,
  turnOn: (flag: Word, key: string) => void,
): void {
  while (words[0]?.text.startsWith('-') && words[0].text !== '-') {
    const flag = words.shift() as Word
    if (flag.text === '--') return
    const long = /^--([a-z-]+)(?:=([\s\S]*))?$/.exec(flag.text)
    const name = long?.[1] === undefined ? undefined : (aliasOf(long[1]) ?? long[1])
    if (name !== undefined) readFlag(flag, name, long?.[2], words, set, turnOn)
    else readShort(flag, words, set, turnOn)
  }
}

/** `-dit`, `-p80:80`, `-e KEY=value`. */
function readShort(
  flag: Word,
  words: Word[],
  set: (flag: Word, name: string, value: string) => void,
  turnOn: (flag: Word, key: string) => void,
): void {
  const letters = flag.text.slice(1)
  for (const [index, letter] of letters.split('').entries()) {
    const name = aliasOf(letter)
    if (name === undefined) throw unknown(flag, `-${letter}`)
    if (Object.hasOwn(SWITCH, name)) readFlag(flag, name, undefined, words, set, turnOn)
    else {
      const rest = letters.slice(index + 1).replace(/^=/, '')
      return readFlag(flag, name, rest === '' ? undefined : rest, words, set, turnOn)
    }
  }
}

function readFlag(
  flag: Word,
  name: string,
  given: string | undefined,
  words: Word[],
  set: (flag: Word, name: string, value: string) => void,
  turnOn: (flag: Word, key: string) => void,
): void {
  if (Object.hasOwn(SWITCH, name)) {
    const key = SWITCH[name]
    if (key !== undefined && given !== 'false') turnOn(flag, key)
    return
  }
  if (!Object.hasOwn(LIST, name) && !Object.hasOwn(SINGLE, name)) throw unknown(flag, `--${name}`)
  const value = given ?? words.shift()?.text
  if (value === undefined) throw new Unreadable(`--${name} needs a value`, flag.place)
  set(flag, name, value)
}

const aliasOf = (name: string) => (Object.hasOwn(ALIAS, name) ? ALIAS[name] : undefined)

function unknown(flag: Word, name: string): Unreadable {
  const known = [...Object.keys(LIST), ...Object.keys(SINGLE), ...Object.keys(SWITCH)].map(
    (each) => `--${each}`,
  )
  return new Unreadable(`${name} is not supported${didYouMean(name, known)}`, flag.place)
}

function mountOf(text: string, place: SourcePlace): Record<string, unknown> {
  const mount: Record<string, unknown> = { type: 'volume' }
  for (const part of text.split(',')) {
    const [key = '', value = 'true'] = part.split(/=(.*)/s)
    if (key === 'type') mount['type'] = value
    else if (/^(source|src)$/.test(key)) mount['source'] = value
    else if (/^(target|dst|destination)$/.test(key)) mount['target'] = value
    else if (/^(readonly|ro)$/.test(key)) mount['read_only'] = value !== 'false'
    else throw new Unreadable(`--mount ${key} is not supported`, place)
  }
  return mount
}

function pairs(list: string[]): Record<string, string> {
  return Object.fromEntries(list.map((item) => item.split(/=(.*)/s, 2) as [string, string]))
}

/** `nofile=1024:2048` is soft:hard. */
function limitsOf(list: string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(pairs(list)).map(([name, value]) => {
      const [soft = '', hard] = value.split(':')
      return [name, hard === undefined ? Number(soft) : { soft: Number(soft), hard: Number(hard) }]
    }),
  )
}

function places(words: readonly Word[]): SourcePlace {
  return words[0]?.place ?? { path: RUN_PATH, line: 1, column: 1 }
}

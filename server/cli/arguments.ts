/** From argv to a command with checked arguments. Pure; a wrong word is a usage error (exit code 2). */
import { parseArgs } from 'node:util'
import { suggest } from '../config/suggest.ts'
import { GLOBAL_OPTIONS, usageOf, type Command, type Option, type Options } from './command.ts'
import { usageError } from './refusal.ts'
import { clean } from './text.ts'

export interface Parsed {
  command: Command
  args: string[]
  options: Options
  json: boolean
  help: boolean
}

export function parseCommandLine(argv: readonly string[], commands: readonly Command[]): Parsed {
  const { leading, words } = splitGlobal(argv)
  const { command, rest } = findCommand(words, commands)
  const args = [...leading, ...rest]
  const cut = command.verbatimFrom ? leading.length + command.verbatimFrom(rest) : args.length
  const { values, positionals } = parsed(command, args.slice(0, cut))
  const all = [...positionals, ...args.slice(cut)]
  const help = values['help'] === true
  if (!help) checkArguments(command, all)
  return { command, args: all, options: optionsOf(values), json: values['json'] === true, help }
}

/** Global switches may stand before the command. */
function splitGlobal(argv: readonly string[]): { leading: string[]; words: string[] } {
  const first = argv.findIndex((word) => word !== '--json' && word !== '--help' && word !== '-h')
  const at = first === -1 ? argv.length : first
  return { leading: argv.slice(0, at), words: argv.slice(at) }
}

function findCommand(words: string[], commands: readonly Command[]): { command: Command; rest: string[] } {
  const [first = 'help', second] = words[0] === '--version' || words[0] === '-V' ? ['version'] : words
  for (const length of [2, 1]) {
    const name = length === 2 ? `${first} ${second ?? ''}` : first
    const command = commands.find((candidate) => candidate.name === name)
    if (command) return { command, rest: words.slice(length) }
  }
  const family = commands.filter(({ name, hidden }) => !hidden && name.startsWith(`${first} `))
  if (family.length > 0) {
    const wanted = words.includes('--help') || words.includes('-h')
    const help = commands.find(({ name }) => name === 'help')
    if (wanted && help) return { command: help, rest: [first] }
    throw usageError(
      second === undefined
        ? `\`summoner ${first}\` needs one more word`
        : `No command \`${clean(`${first} ${second}`)}\``,
      `There is: ${family.map(({ name }) => `\`summoner ${name}\``).join(', ')}.`,
    )
  }
  const near = suggest(
    first,
    commands.filter(({ hidden }) => !hidden).map(({ name }) => name),
  )
  throw usageError(
    first.startsWith('-')
      ? `No option \`${clean(first)}\` before a command`
      : `No command \`${clean(first)}\``,
    near ? `Did you mean \`summoner ${near}\`?` : 'Run `summoner help` to see the commands.',
  )
}

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

function parsed(command: Command, args: string[]): { values: Values; positionals: string[] } {
  const known: Record<string, Option> = { ...command.options, ...GLOBAL_OPTIONS }
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short ? { short } : {}), ...(multiple ? { multiple } : {}) },
    ]),
  )
  let result: { values: Values; positionals: string[] }
  try {
    result = parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const hint = `Usage: ${usageOf(command)}`
    const option = /'?(-{1,2}[^\s'=]+)/u.exec(message)?.[1] ?? ''
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const near = suggest(
        option,
        Object.keys(known).map((name) => `--${name}`),
      )
      throw usageError(
        `\`summoner ${command.name}\` has no option ${clean(option)}`,
        near ? `Did you mean ${near}? ${hint}` : hint,
      )
    }
    throw usageError(`${clean(option)} is not used that way`, hint)
  }
  for (const [name, { values }] of Object.entries(known)) {
    const given = result.values[name]
    if (values && typeof given === 'string' && !values.includes(given))
      throw usageError(`--${name} cannot be \`${clean(given)}\``, `It is one of: ${values.join(', ')}.`)
  }
  return result
}

function checkArguments(command: Command, args: readonly string[]): void {
  const expected = command.arguments ?? []
  const missing = expected.find(({ optional }, index) => !optional && args[index] === undefined)
  if (missing)
    throw usageError(`\`summoner ${command.name}\` needs ${missing.name}`, `Usage: ${usageOf(command)}`)
  if (args.length > expected.length && !expected.at(-1)?.repeat)
    throw usageError(
      `\`summoner ${command.name}\` does not take \`${clean(args[expected.length] ?? '')}\``,
      `Usage: ${usageOf(command)}`,
    )
  for (const [index, { name, values }] of expected.entries()) {
    const given = args[index]
    if (values && given !== undefined && !values.includes(given))
      throw usageError(`${name} cannot be \`${clean(given)}\``, `It is one of: ${values.join(', ')}.`)
  }
}

function optionsOf(values: Values): Options {
  return {
    text: (name) => {
      const value = values[name]
      return typeof value === 'string' ? value : undefined
    },
    list: (name) => {
      const value = values[name]
      return Array.isArray(value) ? value.map(String) : []
    },
    flag: (name) => values[name] === true,
  }
}

/** Help texts, generated from the commands themselves. Pure. */
import { GLOBAL_OPTIONS, usageOf, type Command, type Option } from './command.ts'
import type { Style } from './style.ts'
import { fit } from './text.ts'

export function overview(commands: readonly Command[], style: Style): string[] {
  const shown = commands.filter(({ hidden }) => !hidden)
  const width = Math.max(...shown.map(({ name }) => name.length)) + 2
  return [
    'Usage: summoner COMMAND [options]',
    '',
    ...shown.map(({ name, summary }) => `  ${style.bold(fit(name, width))}${summary}`),
    '',
    `${style.dim('summoner help COMMAND')} explains one; ${style.dim('--json')} gives scripts one JSON document.`,
    'Exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.',
  ]
}

export function explain(command: Command, style: Style): string[] {
  const lines = [`Usage: ${usageOf(command)}`, '', command.summary]
  if (command.details) lines.push('', ...command.details.split('\n'))
  lines.push('', style.bold('Options'), ...optionLines({ ...command.options, ...GLOBAL_OPTIONS }))
  if (command.examples?.length)
    lines.push('', style.bold('Examples'), ...command.examples.map((example) => `  ${example}`))
  return lines
}

function optionLines(options: Readonly<Record<string, Option>>): string[] {
  const left = Object.entries(options).map(([name, { short, type, value, values }]) => {
    const shortPart = short ? `-${short}, ` : '    '
    return `  ${shortPart}--${name}${type === 'string' ? ` ${value ?? values?.join('|') ?? 'VALUE'}` : ''}`
  })
  const width = Math.max(...left.map((text) => text.length)) + 2
  return Object.values(options).map(
    ({ help, multiple }, index) =>
      `${fit(left[index] ?? '', width)}${help}${multiple ? ' (repeatable)' : ''}`,
  )
}

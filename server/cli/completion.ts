/** Shell completion: the scripts only call `summoner __complete`, so they never know less than the command does. */
import { GLOBAL_OPTIONS, type Command, type Completes } from './command.ts'

export interface Candidates {
  words: { word: string; help: string }[]
  /** Names that only the daemon knows. */
  ask?: Completes
}

/** What may stand at the place of the last word; `words` are those after `summoner`. Pure. */
export function candidates(words: readonly string[], commands: readonly Command[]): Candidates {
  const visible = commands.filter(({ hidden }) => !hidden)
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1).filter((word) => word !== '--json')
  const command =
    visible.find(({ name }) => name === before.slice(0, 2).join(' ')) ??
    visible.find(({ name }) => name === before[0])
  if (!command) return starting(nextWords(visible, before), current)
  const options = { ...command.options, ...GLOBAL_OPTIONS }
  const args = before.slice(command.name.split(' ').length)
  const last = args.at(-1) ?? ''
  const open = last.startsWith('-') ? optionNamed(options, last) : undefined
  if (open?.type === 'string') {
    const found = starting(
      (open.values ?? []).map((word) => ({ word, help: open.help })),
      current,
    )
    return open.completes ? { ...found, ask: open.completes } : found
  }
  if (current.startsWith('-'))
    return starting(
      Object.entries(options).map(([name, { help }]) => ({ word: `--${name}`, help })),
      current,
    )
  const expected = command.arguments ?? []
  const at = positionals(args, options).length
  const argument = expected[at] ?? (expected.at(-1)?.repeat ? expected.at(-1) : undefined)
  const found = starting(
    (argument?.values ?? []).map((word) => ({ word, help: argument?.name ?? '' })),
    current,
  )
  if (argument?.completes === 'command')
    return starting(
      visible.map(({ name, summary }) => ({ word: name.split(' ')[0] ?? name, help: summary })),
      current,
    )
  return argument?.completes ? { ...found, ask: argument.completes } : found
}

function nextWords(visible: readonly Command[], before: readonly string[]): Candidates['words'] {
  if (before.length > 1) return []
  const [family] = before
  return visible
    .filter(({ name }) => family === undefined || name.startsWith(`${family} `))
    .map(({ name, summary }) => ({ word: name.split(' ')[before.length] ?? '', help: summary }))
    .filter(({ word }, index, all) => word !== '' && all.findIndex((other) => other.word === word) === index)
}

const starting = (words: Candidates['words'], prefix: string): Candidates => ({
  words: words.filter(({ word }) => word.startsWith(prefix)),
})

function optionNamed(options: Command['options'] & object, word: string) {
  return Object.entries(options).find(
    ([name, { short }]) => word === `--${name}` || word === `-${short ?? ''}`,
  )?.[1]
}

function positionals(args: readonly string[], options: Command['options'] & object): string[] {
  return args.filter((word, index) => {
    if (word.startsWith('-')) return false
    const previous = args[index - 1]
    return !(previous?.startsWith('-') && optionNamed(options, previous)?.type === 'string')
  })
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const

export const completionScripts: Record<(typeof SHELLS)[number], string> = {
  bash: `# summoner completion for bash: source <(summoner completion bash)
_summoner() {
  local line
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    COMPREPLY+=("$line")
  done < <(summoner __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _summoner summoner
`,
  zsh: `#compdef summoner
# summoner completion for zsh: source <(summoner completion zsh)
_summoner() {
  local -a found
  local word help
  while IFS=$'\\t' read -r word help; do
    found+=("\${word//:/\\\\:}:$help")
  done < <(summoner __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe summoner found; else _files; fi
}
compdef _summoner summoner
`,
  fish: `# summoner completion for fish: summoner completion fish | source
function __summoner_complete
  set -l words (commandline -opc) (commandline -ct)
  summoner __complete $words[2..-1] 2>/dev/null
end
complete -c summoner -a '(__summoner_complete)'
`,
}

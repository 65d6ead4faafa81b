/** Splits one shell command into words, with the place and the quoting of each. Nothing is ever run. */
import { Unreadable, type SourcePlace } from './source.ts'

export interface Word {
  /** `$` that the shell would have kept is doubled, as compose wants it; the others name variables. */
  text: string
  place: SourcePlace
}

export const RUN_PATH = 'docker run'

export function shellWords(line: string): Word[] {
  const words: Word[] = []
  let text: string | undefined
  let start = 0
  let index = 0
  const placeAt = (offset: number): SourcePlace => {
    const before = line.slice(0, offset).split('\n')
    return { path: RUN_PATH, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  }
  const add = (part: string) => {
    if (text === undefined) start = index
    text = (text ?? '') + part
  }
  const end = () => {
    if (text !== undefined) words.push({ text, place: placeAt(start) })
    text = undefined
  }
  while (index < line.length) {
    const character = line[index] ?? ''
    if (/\s/.test(character)) {
      end()
      index += 1
    } else if (character === '\\') {
      // At the end of a line it joins the next one.
      const next = /^\\(\r?\n)/.exec(line.slice(index))
      if (next) {
        end()
        index += next[0].length
      } else {
        add(literal(line[index + 1] ?? ''))
        index += 2
      }
    } else if (character === "'") {
      const close = line.indexOf("'", index + 1)
      if (close < 0) throw new Unreadable('A quote is never closed', placeAt(index))
      add(literal(line.slice(index + 1, close)))
      index = close + 1
    } else if (character === '"') {
      const [inner, close] = doubleQuoted(line, index + 1, placeAt)
      add(inner)
      index = close + 1
    } else if (character === '#' && text === undefined) {
      const newline = line.indexOf('\n', index)
      index = newline < 0 ? line.length : newline
    } else if (/[;|&<>()`]/.test(character) && !line.startsWith('$(pwd)', index)) {
      throw new Unreadable(`“${character}” is for a shell; give one docker run command alone`, placeAt(index))
    } else if (character === '$') {
      const [inner, length] = variable(line, index, placeAt)
      add(inner)
      index += length
    } else {
      add(character)
      index += 1
    }
  }
  end()
  return words
}

function doubleQuoted(
  line: string,
  from: number,
  placeAt: (offset: number) => SourcePlace,
): [string, number] {
  let text = ''
  let index = from
  while (index < line.length && line[index] !== '"') {
    const character = line[index] ?? ''
    if (character === '\\' && /["\\$`\n]/.test(line[index + 1] ?? '')) {
      if (line[index + 1] !== '\n') text += literal(line[index + 1] ?? '')
      index += 2
    } else if (character === '`') {
      throw new Unreadable('A command inside the command is not run', placeAt(index))
    } else if (character === '$') {
      const [inner, length] = variable(line, index, placeAt)
      text += inner
      index += length
    } else {
      text += character
      index += 1
    }
  }
  if (index >= line.length) throw new Unreadable('A quote is never closed', placeAt(from - 1))
  return [text, index]
}

/** `$(pwd)`, `${PWD}` and `$PWD` are the folder itself; other variables stay variables, commands are refused. */
function variable(line: string, index: number, placeAt: (offset: number) => SourcePlace): [string, number] {
  const rest = line.slice(index, index + 300)
  const pwd = /^\$(\(pwd\)|\{PWD\}|PWD\b)/i.exec(rest)
  if (pwd) return ['.', pwd[0].length]
  if (rest.startsWith('$(')) throw new Unreadable('A command inside the command is not run', placeAt(index))
  const name = /^\$(\{[A-Za-z_][^}]*\}|[A-Za-z_]\w*)/.exec(rest)
  return name ? [name[0], name[0].length] : ['$$', 1]
}

function literal(text: string): string {
  return text.replaceAll('$', '$$$$')
}

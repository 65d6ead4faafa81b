/** YAML text -> nodes with their places, within limits that no hand-written file meets and every YAML bomb breaks. */
import { Composer, Lexer, LineCounter, Parser, type CST, type Document } from 'yaml'

export const MAX_BYTES = 1024 * 1024
const MAX_TOKENS = 40_000
const MAX_DEPTH = 64

/** One thing wrong with a document, at an offset of its text. */
export interface Finding {
  detail: string
  hint?: string
  offset: number
}

/** A value as it may stand in a sentence: short, on one line, quoted. */
export function cited(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}

export interface YamlSource {
  document: Document.Parsed
  findings: Finding[]
  place(offset: number): { line: number; column: number }
}

/**
 * Never throws on any text. `findings` holds what YAML itself objects to; on a limit the document is empty.
 * Depth and size are counted while the text is cut into tokens, before anything recursive sees it.
 */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1)
  const place = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(Math.max(offset, 0), text.length))
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const cut = tokensOf(text)
  if ('detail' in cut) return { document: compose([], 0), findings: [cut], place }
  const documents = cut.filter((token) => token.type === 'document')
  const document = compose(cut, text.length)
  const findings: Finding[] = [...document.errors, ...document.warnings].map((problem) => ({
    detail: `${problem.message.replace(/\.$/, '')}.`,
    hint: 'Check quotes, brackets and indentation here and on the next line.',
    offset: problem.pos[0],
  }))
  const second = documents[1]
  if (second !== undefined) {
    findings.push({ detail: 'A second document begins here; the file holds one.', offset: second.offset })
  }
  const directive = cut.find((token) => token.type === 'directive')
  if (directive !== undefined) {
    findings.push({
      detail: 'Directives like %YAML and %TAG are not used in this file.',
      offset: directive.offset,
    })
  }
  return { document, findings, place }
}

function tokensOf(text: string): CST.Token[] | Finding {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    return { detail: `The file is larger than ${MAX_BYTES / 1024} KiB.`, offset: 0 }
  }
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let count = 0
  let offset = 0
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    offset = parser.offset
    if (++count > MAX_TOKENS) return { detail: 'The file has too many entries.', offset }
    if (parser.stack.length > MAX_DEPTH) return { detail: 'The file is nested too deeply.', offset }
  }
  tokens.push(...parser.end())
  return tokens
}

/** Duplicate keys and aliases are left to `readBySchema`, which is linear and counts. */
function compose(tokens: CST.Token[], end: number): Document.Parsed {
  const composer = new Composer({
    keepSourceTokens: true,
    uniqueKeys: false,
    merge: false,
    version: '1.2',
    schema: 'core',
  })
  for (const document of composer.compose(tokens, true, end)) return document
  throw new Error('unreachable: a document is always made')
}

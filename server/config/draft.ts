/** A text in the course of an edit, with its nodes: every change is spliced in and read again. */
import { isAlias, isMap, isScalar, type Document, type Pair, type YAMLMap } from 'yaml'
import { SummonerError } from '../errors.ts'
import { applySplices, startOf, type Splice } from './splice.ts'
import { readYaml } from './yaml-source.ts'

export interface Draft {
  text(): string
  document(): Document.Parsed
  /** The map below `summoner:`. */
  root(): YAMLMap
  /** Splices computed on the current text. */
  splice(splices: Splice[]): void
}

export function createDraft(text: string): Draft {
  let current = text
  let document = documentOf(current)
  return {
    text: () => current,
    document: () => document,
    root: () => {
      const root = document.contents
      return inPlace(isMap(root) ? pairOf(root, 'summoner')?.value : root, current)
    },
    splice: (splices) => {
      current = applySplices(current, splices)
      document = documentOf(current)
    },
  }
}

export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && (pair.key.source ?? pair.key.value) === key)
}

/** The node as a map, refused where it is only named (an alias): changing it would change another place. */
export function inPlace(node: unknown, text: string): YAMLMap {
  if (isMap(node)) return node
  throw notEditable(node, text)
}

export function notEditable(node: unknown, text: string): SummonerError {
  const before = text.slice(0, startOf(node)).split('\n')
  const what = isAlias(node) ? `The alias *${node.source}` : 'What is written here'
  return new SummonerError('config.invalid', `${what} cannot be changed by the daemon.`, {
    at: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
    hint: 'Change the file by hand, or write the value out in place.',
  })
}

function documentOf(text: string): Document.Parsed {
  const { document, findings } = readYaml(text)
  if (findings[0] !== undefined) {
    throw new SummonerError('internal', `An edit of config.yml would have broken it: ${findings[0].detail}`)
  }
  return document
}

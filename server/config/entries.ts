/** Where applications are written in config.yml, and how one is added to or changed in the text. */
import { isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Application } from './config.ts'
import { inPlace, notEditable, pairOf, type Draft } from './draft.ts'
import { listFromText, textWithName } from './names-text.ts'
import { namesOf, PROXY, withDefaults } from './normalise.ts'
import { appendEntry, pairBelow, removeEntry, replaceValue } from './splice.ts'
import { flowScalar, flowValue } from './write-flow.ts'

/** The entry as typed: a bare name, or a map of what differs from the defaults. */
export function entryOf(application: Application): string {
  const { name } = application
  const written: Record<string, unknown> = { name }
  const defaults = withDefaults({ name }) as Record<string, unknown>
  for (const key of [
    'template',
    'version',
    'subdomain',
    'state',
    'images',
    'database',
    'env',
    'grants',
    'proxy',
  ] as const) {
    if (flowValue(application[key]) !== flowValue(defaults[key])) written[key] = application[key]
  }
  return Object.keys(written).length === 1 ? flowScalar(name) : flowValue(written)
}

export function appendApplication(draft: Draft, application: Application): void {
  const entry = entryOf(application)
  const root = draft.root()
  const pair = pairOf(root, 'applications')
  const text = draft.text()
  const bare = !entry.startsWith('{')
  if (pair === undefined) {
    const line = `applications: ${bare ? entry : `[${entry}]`}`
    const domain = pairOf(root, 'domain')
    return draft.splice(
      root.flow || domain === undefined ? appendEntry(text, root, line) : pairBelow(text, domain, line),
    )
  }
  const value = pair.value
  if (isSeq(value)) return draft.splice(appendEntry(text, value, entry))
  if (isAlias(value)) throw notEditable(value, text)
  if (isScalar(value) && typeof value.value === 'string') {
    return draft.splice(
      bare ? textWithName(text, pair, application.name) : listFromText(text, root, pair, undefined, entry),
    )
  }
  draft.splice(bare ? replaceValue(text, pair, entry) : listFromText(text, root, pair, undefined, entry))
}

/** Where an application is written; `list` is absent in the one-string form. */
export function entryAt(draft: Draft, name: string): { list?: YAMLSeq; pair: Pair; index: number } {
  const pair = pairOf(draft.root(), 'applications')
  const value = pair?.value
  if (pair === undefined || isAlias(value)) throw notEditable(value, draft.text())
  if (!isSeq(value)) return { pair, index: -1 }
  const index = value.items.findIndex((item) => nameOf(draft, item) === name)
  return { list: value, pair, index }
}

function nameOf(draft: Draft, item: unknown): unknown {
  const node = isAlias(item) ? item.resolve(draft.document()) : item
  if (isScalar(node)) return node.value
  const name = isMap(node) ? pairOf(node, 'name')?.value : undefined
  const target = isAlias(name) ? name.resolve(draft.document()) : name
  return isScalar(target) ? target.value : undefined
}

export function isListed(draft: Draft): boolean {
  const value = pairOf(draft.root(), 'applications')?.value
  if (isSeq(value)) return value.items.some((item) => nameOf(draft, item) === PROXY)
  return isScalar(value) && typeof value.value === 'string' && namesOf(value.value).includes(PROXY)
}

export function removeFromStacks(draft: Draft, name: string): void {
  for (;;) {
    const stacks = pairOf(draft.root(), 'stacks')?.value
    if (!isMap(stacks)) return
    const lists = stacks.items.map((pair) => pair.value).filter((value) => isSeq(value))
    const list = lists.find((value) => value.items.some((item) => nameOf(draft, item) === name))
    if (list === undefined) return
    draft.splice(
      removeEntry(
        draft.text(),
        list,
        list.items.findIndex((item) => nameOf(draft, item) === name),
      ),
    )
  }
}

/** `undefined` removes the pair; a pair that is absent and would only say the default is not written. */
export function writePair(draft: Draft, map: YAMLMap, key: string, value: unknown, unwritten?: string): void {
  const text = draft.text()
  const index = map.items.findIndex((pair) => pair === pairOf(map, key))
  const pair = map.items[index]
  const written = flowValue(value, key)
  if (pair === undefined) {
    if (value !== undefined && flowValue(value) !== unwritten) {
      draft.splice(appendEntry(text, map, `${flowScalar(key)}: ${written}`))
    }
  } else if (value === undefined) draft.splice(removeEntry(text, map, index))
  else draft.splice(replaceValue(text, pair, written))
}

export function writeEnv(
  draft: Draft,
  entry: () => YAMLMap,
  env: Record<string, string>,
  unset: boolean,
): void {
  const inner = () => pairOf(entry(), 'env')?.value
  if (unset) return writePair(draft, entry(), 'env', undefined)
  const written = inner()
  if (!isMap(written) || written.items.length === 0) return writePair(draft, entry(), 'env', env)
  const keys = written.items.map((pair) => (pair.key as Scalar).source ?? '')
  for (const key of keys) {
    if (!Object.hasOwn(env, key)) writePair(draft, inPlace(inner(), draft.text()), key, undefined)
  }
  for (const [key, value] of Object.entries(env)) {
    const now = inner()
    if (!isMap(now)) {
      // Its last key was removed: what is left of the map is an empty value.
      return writePair(draft, entry(), 'env', env)
    }
    const present = pairOf(now, key)?.value
    if (isScalar(present) && (present.source ?? '') === value) continue
    writePair(draft, now, key, value)
  }
}

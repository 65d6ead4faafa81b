/** The changes the daemon makes to config.yml, each as an intended value and as the smallest change of the text. */
import { isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { SummonerError } from '../errors.ts'
import { RESERVED_NAMES, type Application, type Config } from './config.ts'
import { inPlace, notEditable, pairOf, type Draft } from './draft.ts'
import { hostOf } from './host-name.ts'
import { namesOf, PROXY, withDefaults } from './normalise.ts'
import { listFromText, textWithName, textWithoutName } from './names-text.ts'
import type { WrittenApplication } from './schema.ts'
import { appendEntry, pairBelow, removeEntry, replaceValue } from './splice.ts'
import { didYouMean } from './suggest.ts'
import { flowScalar, flowValue } from './write-flow.ts'

/** `intend` is pure and refuses what makes no sense; `write` brings the text there. */
export interface ConfigEdit {
  intend(config: Config): Config
  write(draft: Draft, before: Config): void
}

export type ApplicationFields = {
  [Key in keyof Omit<Application, 'name'>]?: Application[Key] | undefined
}

/** Absent fields take their defaults; defaults are not written. */
export function addApplication(application: WrittenApplication): ConfigEdit {
  const added = withDefaults(application)
  return {
    intend(config) {
      const { name } = added
      if (config.applications.some((other) => other.name === name) && name !== PROXY) {
        throw new SummonerError('minion.exists', `"${name}" is already in config.yml.`)
      }
      if ((RESERVED_NAMES as readonly string[]).includes(name)) {
        throw new SummonerError('minion.reserved', `"${name}" is a name of the box itself.`)
      }
      const host = hostOf(added.subdomain, config.domain)
      const owner = config.applications.find(
        (other) => other.name !== PROXY && hostOf(other.subdomain, config.domain) === host,
      )
      if (owner !== undefined && name !== PROXY) {
        throw new SummonerError('host.taken', `"${host}" is the address of "${owner.name}".`)
      }
      if (name === PROXY) return withApplication(config, added)
      return { ...config, applications: [...config.applications, added] }
    },
    write: (draft) => appendApplication(draft, added),
  }
}

/** Also takes it out of the stacks that name it. */
export function removeApplication(name: string): ConfigEdit {
  return {
    intend(config) {
      known(config, name)
      if (name === PROXY) throw new SummonerError('minion.required', 'Every box needs its proxy.')
      const stacks = Object.entries(config.stacks).map(([stack, members]) => [
        stack,
        members.filter((member) => member !== name),
      ])
      return {
        ...config,
        applications: config.applications.filter((other) => other.name !== name),
        stacks: Object.fromEntries(stacks) as Config['stacks'],
      }
    },
    write(draft) {
      const { list, pair, index } = entryAt(draft, name)
      if (list === undefined) draft.splice(textWithoutName(draft.text(), pair, name))
      else draft.splice(removeEntry(draft.text(), list, index))
      removeFromStacks(draft, name)
    },
  }
}

export function setApplicationState(name: string, state: Application['state']): ConfigEdit {
  return setApplicationFields(name, { state })
}

/** `undefined` takes a field back to its default; `env` is the whole map, of which only differing keys are touched. */
export function setApplicationFields(name: string, fields: ApplicationFields): ConfigEdit {
  const keys = Object.keys(fields) as (keyof ApplicationFields)[]
  const intended = (config: Config): Application => {
    const given = Object.fromEntries(keys.map((key) => [key, fields[key]]))
    const merged = { ...known(config, name), ...given } as Partial<Application> & { name: string }
    for (const key of keys) if (merged[key] === undefined) delete merged[key]
    return withDefaults(merged)
  }
  return {
    intend: (config) => withApplication(config, intended(config)),
    write(draft, before) {
      const after = intended(before)
      const plain = entryOf(after)
      const defaults = withDefaults({ name })
      const changed = keys.filter((key) => flowValue(known(before, name)[key]) !== flowValue(after[key]))
      if (changed.length === 0) return
      if (name === PROXY && !isListed(draft)) return appendApplication(draft, after)
      const { list, pair, index } = entryAt(draft, name)
      if (list === undefined) return draft.splice(listFromText(draft.text(), draft.root(), pair, name, plain))
      const node = list.items[index]
      if (!isMap(node)) {
        const [start = 0, end = 0] = (node as Scalar).range ?? []
        return draft.splice([{ start, end, text: plain }])
      }
      for (const key of changed) {
        // Read again for each key: the splice before moved what follows.
        const map = () => inPlace(entryAt(draft, name).list?.items[index], draft.text())
        const value = fields[key] === undefined ? undefined : after[key]
        if (key === 'env') writeEnv(draft, map, after.env, value === undefined)
        else writePair(draft, map(), key, value, flowValue(defaults[key]))
      }
    },
  }
}

export function setDomain(domain: string): ConfigEdit {
  return {
    intend: (config) => ({ ...config, domain }),
    write(draft, before) {
      if (before.domain !== domain) writePair(draft, draft.root(), 'domain', domain)
    },
  }
}

function withApplication(config: Config, application: Application): Config {
  return {
    ...config,
    applications: config.applications.map((other) => (other.name === application.name ? application : other)),
  }
}

function known(config: Config, name: string): Application {
  const found = config.applications.find((application) => application.name === name)
  if (found !== undefined) return found
  const names = config.applications.map((application) => application.name)
  throw new SummonerError('minion.unknown', `"${name}" is not in config.yml${didYouMean(name, names) || '.'}`)
}

/** The entry as typed: a bare name, or a map of what differs from the defaults. */
function entryOf(application: Application): string {
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
  ] as const) {
    if (flowValue(application[key]) !== flowValue(defaults[key])) written[key] = application[key]
  }
  return Object.keys(written).length === 1 ? flowScalar(name) : flowValue(written)
}

function appendApplication(draft: Draft, application: Application): void {
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
function entryAt(draft: Draft, name: string): { list?: YAMLSeq; pair: Pair; index: number } {
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

function isListed(draft: Draft): boolean {
  const value = pairOf(draft.root(), 'applications')?.value
  if (isSeq(value)) return value.items.some((item) => nameOf(draft, item) === PROXY)
  return isScalar(value) && typeof value.value === 'string' && namesOf(value.value).includes(PROXY)
}

function removeFromStacks(draft: Draft, name: string): void {
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
function writePair(draft: Draft, map: YAMLMap, key: string, value: unknown, unwritten?: string): void {
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

function writeEnv(draft: Draft, entry: () => YAMLMap, env: Record<string, string>, unset: boolean): void {
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

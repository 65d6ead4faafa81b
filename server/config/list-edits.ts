/** Entries of the lists beside `applications` that the daemon adds and removes: sources, and whatever else has a name. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import { SummonerError } from '../errors.ts'
import { notEditable, pairOf } from './draft.ts'
import type { ConfigEdit } from './edits.ts'
import { appendEntry, removeEntry, replaceValue } from './splice.ts'
import { didYouMean } from './suggest.ts'
import { flowValue } from './write-flow.ts'

type Named = { name: string }
/** Keys of config.yml that hold a list of named entries. */
export type ListKey = 'sources' | 'recipes'

export function addEntry(key: ListKey, entry: Named): ConfigEdit {
  return {
    intend(config) {
      const list = config[key] as Named[]
      if (list.some(({ name }) => name === entry.name))
        throw new SummonerError('entry.exists', `"${entry.name}" is already under "${key}" in config.yml.`)
      return { ...config, [key]: [...list, entry] }
    },
    write(draft) {
      const root = draft.root()
      const pair = pairOf(root, key)
      const written = flowValue(entry)
      if (pair === undefined) return draft.splice(appendEntry(draft.text(), root, `${key}: [${written}]`))
      const { value } = pair
      if (isSeq(value) && (value.items.length > 0 || value.flow === true))
        return draft.splice(appendEntry(draft.text(), value, written))
      if (isAlias(value)) throw notEditable(value, draft.text())
      draft.splice(replaceValue(draft.text(), pair, `[${written}]`))
    },
  }
}

export function removeEntryOf(key: ListKey, name: string): ConfigEdit {
  return {
    intend(config) {
      const list = config[key] as Named[]
      const names = list.map((entry) => entry.name)
      if (!names.includes(name))
        throw new SummonerError(
          'entry.unknown',
          `"${name}" is not under "${key}" in config.yml${didYouMean(name, names) || '.'}`,
        )
      return { ...config, [key]: list.filter((entry) => entry.name !== name) }
    },
    write(draft) {
      const value = pairOf(draft.root(), key)?.value
      if (!isSeq(value)) throw notEditable(value, draft.text())
      const index = value.items.findIndex((item) => {
        const named = isMap(item) ? pairOf(item, 'name')?.value : undefined
        return isScalar(named) && named.value === name
      })
      if (index === -1) throw notEditable(value, draft.text())
      draft.splice(removeEntry(draft.text(), value, index))
    },
  }
}

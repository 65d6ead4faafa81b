/** Changes of `channels` and `recipes` in config.yml: the value that is meant, and the smallest change of the text. */
import { isMap, isScalar, isSeq, stringify, type YAMLMap, type YAMLSeq } from 'yaml'
import { SummonerError } from '../errors.ts'
import type { Channel } from '../webhooks/channel.ts'
import type { Recipe } from '../webhooks/recipe.ts'
import type { Config } from './config.ts'
import { inPlace, notEditable, pairOf, type Draft } from './draft.ts'
import type { ConfigEdit } from './edits.ts'
import { writePair } from './entries.ts'
import { appendEntry, colonEnd, endOf, lineBreak, lineStart, removeEntry, startOf } from './splice.ts'
import { didYouMean } from './suggest.ts'
import { flowScalar, flowValue } from './write-flow.ts'

export function addRecipe(recipe: Recipe): ConfigEdit {
  return {
    intend(config) {
      if (config.recipes.some(({ name }) => name === recipe.name))
        throw new SummonerError('recipe.exists', `There is a recipe "${recipe.name}" already.`)
      return { ...config, recipes: [...config.recipes, recipe] }
    },
    write(draft) {
      const text = draft.text()
      const root = draft.root()
      const pair = pairOf(root, 'recipes')
      const value = pair?.value
      if (isSeq(value) && value.items.length > 0) {
        if (value.flow) return draft.splice(appendEntry(text, value, flowValue(recipe)))
        const column = columnOf(text, value)
        return draft.splice(appendEntry(text, value, blockOf(recipe, column, text)))
      }
      if (root.flow) {
        if (isSeq(value)) return draft.splice(appendEntry(text, value, flowValue(recipe)))
        return draft.splice(appendEntry(text, root, `recipes: [${flowValue(recipe)}]`))
      }
      const indent = `${' '.repeat(columnOf(text, root))}  `
      const block = `${lineBreak(text)}${indent}- ${blockOf(recipe, indent.length, text)}`
      if (!pair) return draft.splice(appendEntry(text, root, `recipes:${block}`))
      if (value !== null && !isSeq(value) && !(isScalar(value) && value.value === null))
        throw notEditable(value, text)
      const start = colonEnd(pair)
      draft.splice([{ start, end: Math.max(start, endOf(value)), text: block }])
    },
  }
}

export function removeRecipe(name: string): ConfigEdit {
  return {
    intend: (config) => ({
      ...config,
      recipes: config.recipes.filter((recipe) => recipe !== knownRecipe(config, name)),
    }),
    write(draft) {
      const { list, index } = recipeAt(draft, name)
      draft.splice(removeEntry(draft.text(), list, index))
    },
  }
}

export function setRecipeEnabled(name: string, enabled: boolean): ConfigEdit {
  return {
    intend(config) {
      const known = knownRecipe(config, name)
      const { enabled: _, ...rest } = known
      const changed: Recipe = enabled ? rest : { ...rest, enabled: false }
      if (known.enabled === true && enabled) return config
      return { ...config, recipes: config.recipes.map((recipe) => (recipe === known ? changed : recipe)) }
    },
    write(draft, before) {
      const was = knownRecipe(before, name).enabled
      if ((was !== false) === enabled) return
      const { list, index } = recipeAt(draft, name)
      const map = inPlace(list.items[index], draft.text())
      writePair(draft, map, 'enabled', enabled ? undefined : false)
    },
  }
}

/** Puts the channel in, or another in its place. */
export function setChannel(name: string, channel: Channel): ConfigEdit {
  return {
    intend: (config) => ({ ...config, channels: { ...config.channels, [name]: channel } }),
    write(draft, before) {
      if (flowValue(before.channels[name]) === flowValue(channel)) return
      const text = draft.text()
      const root = draft.root()
      const pair = pairOf(root, 'channels')
      if (isMap(pair?.value)) return writePair(draft, pair.value, name, channel)
      const entry = `${flowScalar(name)}: ${flowValue(channel)}`
      if (!pair) return draft.splice(appendEntry(text, root, `channels: {${entry}}`))
      const start = colonEnd(pair)
      draft.splice([{ start, end: Math.max(start, endOf(pair.value)), text: ` {${entry}}` }])
    },
  }
}

export function removeChannel(name: string): ConfigEdit {
  return {
    intend(config) {
      knownChannel(config, name)
      const { [name]: _, ...channels } = config.channels
      return { ...config, channels }
    },
    write: (draft) => {
      const channels = pairOf(draft.root(), 'channels')?.value
      writePair(draft, inPlace(channels, draft.text()), name, undefined)
    },
  }
}

export function knownChannel(config: Pick<Config, 'channels'>, name: string): Channel {
  const found = Object.hasOwn(config.channels, name) ? config.channels[name] : undefined
  if (found) return found
  const names = Object.keys(config.channels)
  throw new SummonerError(
    'channel.unknown',
    `There is no channel ${JSON.stringify(name)}${didYouMean(name, names) || '.'}`,
  )
}

export function knownRecipe(config: Pick<Config, 'recipes'>, name: string): Recipe {
  const found = config.recipes.find((recipe) => recipe.name === name)
  if (found) return found
  const names = config.recipes.map((recipe) => recipe.name)
  throw new SummonerError(
    'recipe.unknown',
    `There is no recipe ${JSON.stringify(name)}${didYouMean(name, names) || '.'}`,
  )
}

function recipeAt(draft: Draft, name: string): { list: YAMLSeq; index: number } {
  const list = pairOf(draft.root(), 'recipes')?.value
  if (!isSeq(list)) throw notEditable(list, draft.text())
  const index = list.items.findIndex((item) => {
    const value = isMap(item) ? pairOf(item, 'name')?.value : undefined
    return isScalar(value) && value.value === name
  })
  if (index < 0) throw notEditable(list, draft.text())
  return { list, index }
}

function columnOf(text: string, node: YAMLMap | YAMLSeq): number {
  const at = startOf(isMap(node) ? (node.items[0]?.key ?? node) : node)
  return at - lineStart(text, at)
}

/** The recipe as lines behind a dash that stands at `column`. */
function blockOf(recipe: Recipe, column: number, text: string): string {
  const lines = stringify(recipe, { lineWidth: 0, version: '1.2', schema: 'core' }).trimEnd().split('\n')
  return lines.join(`${lineBreak(text)}${' '.repeat(column + 2)}`)
}

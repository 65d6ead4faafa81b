/** Recipes to begin with: one file each in `templates/recipes`, with words in capitals where the box must be named. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Config } from '../config/config.ts'
import { didYouMean } from '../config/suggest.ts'
import { SummonerError } from '../errors.ts'
import { typeOf } from './channel.ts'
import type { Recipe } from './recipe.ts'

export interface Starter {
  name: string
  summary: { en: string; fr: string }
  /** What must be named. */
  needs: Need[]
  recipe: Recipe
}

const NEEDS = ['channel', 'source', 'minion'] as const
export type Need = (typeof NEEDS)[number]
export type Answers = { [Key in Need]?: string | undefined } & { name?: string | undefined }

const LABELS: Record<Need, string> = { channel: 'CHANNEL', source: 'SOURCE', minion: 'MINION' }

export function readStarters(folder: string): Starter[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yml'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      const { summary, recipe } = parse(text) as Pick<Starter, 'summary' | 'recipe'>
      const needs = NEEDS.filter((need) => new RegExp(`\\b${LABELS[need]}\\b`, 'u').test(text))
      return { name: file.slice(0, -4), summary, needs, recipe }
    })
}

/** Fills in what is named; the only source or channel there is need not be. */
export function fillStarter(
  starters: readonly Starter[],
  name: string,
  answers: Answers,
  config: Config,
): Recipe {
  const starter = starters.find((one) => one.name === name)
  if (!starter) {
    const names = starters.map((one) => one.name)
    throw new SummonerError(
      'starter.unknown',
      `There is no starter ${JSON.stringify(name)}${didYouMean(name, names) || '.'}`,
    )
  }
  let text = JSON.stringify(starter.recipe)
  for (const need of starter.needs) {
    const choices = choicesOf(need, config)
    const answer = answers[need] ?? (choices.length === 1 ? choices[0] : undefined)
    if (answer === undefined) throw missing(need, choices)
    if (!choices.includes(answer))
      throw new SummonerError(
        'starter.needs',
        `There is no ${need} "${answer}"${didYouMean(answer, choices) || '.'}`,
        {
          hint: HINTS[need],
        },
      )
    text = text.replaceAll(new RegExp(`\\b${LABELS[need]}\\b`, 'gu'), answer)
  }
  const recipe = JSON.parse(text) as Recipe
  return { ...recipe, name: answers.name ?? recipe.name }
}

const HINTS: Record<Need, string> = {
  channel: 'Add one with `summoner channels add team mattermost`.',
  source: 'Sources stand in config.yml under `sources`: {name: gitlab, type: gitlab}.',
  minion: 'Run `summoner status` to see the minions.',
}

function choicesOf(need: Need, { channels, sources, applications }: Config): string[] {
  if (need === 'source') return sources.map(({ name }) => name)
  if (need === 'minion') return applications.map(({ name }) => name).filter((name) => name !== 'nginx')
  return Object.entries(channels).flatMap(([name, channel]) =>
    ['wekan', 'gitlab'].includes(typeOf(channel)) ? [] : [name],
  )
}

function missing(need: Need, choices: readonly string[]): SummonerError {
  const which = choices.length === 0 ? `there is none yet` : `it may be ${choices.join(', ')}`
  const hint = choices.length === 0 ? HINTS[need] : `Name it: --${need} ${choices[0]}.`
  return new SummonerError('starter.needs', `This recipe needs a ${need}; ${which}.`, { hint })
}

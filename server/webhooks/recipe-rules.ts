/** What a schema cannot say of channels and recipes: one action a step, known names, texts that can be rendered. Pure. */
import type { Config } from '../config/config.ts'
import { didYouMean } from '../config/suggest.ts'
import { cited } from '../config/yaml-source.ts'
import { patternProblem } from './bounded-regex.ts'
import { checkChannels, typeOf, type Channel } from './channel.ts'
import type { ChannelType } from './words.ts'
import { ACTION_KEYS, actionOf, BLOCK_KEYS, type Condition, type Recipe, type Step } from './recipe.ts'
import { createRenderer } from './render-text.ts'

type Report = (at: string, detail: string, hint?: string) => void

/** Which types of channel an action can go to. */
const FITTING: Record<string, readonly ChannelType[]> = {
  request: ['http'],
  card: ['wekan'],
  issue: ['gitlab'],
}
const NOT_FOR_POSTS: readonly ChannelType[] = ['wekan', 'gitlab']

const MOST_STEPS = 200

export function checkWebhooks(
  config: Pick<Config, 'channels' | 'recipes' | 'sources' | 'mail' | 'email'>,
  report: Report,
): void {
  checkChannels(config.channels, config.mail !== undefined, report)
  const names = config.recipes.map(({ name }) => name)
  const sources = ['summoner', ...config.sources.map(({ name }) => name)]
  for (const [index, recipe] of config.recipes.entries()) {
    const at = `recipes.${index}`
    if (names.indexOf(recipe.name) !== index)
      report(
        `${at}.name`,
        `recipes: ${cited(recipe.name)} is written twice.`,
        'Give one of them another name.',
      )
    if (recipe.on.type === undefined && recipe.on.source === undefined)
      report(`${at}.on`, `${cited(recipe.name)}: "on" names neither a type nor a source.`)
    for (const source of [recipe.on.source ?? []].flat())
      if (!/[*?]/u.test(source) && !sources.includes(source))
        report(`${at}.on.source`, `There is no source ${cited(source)}${didYouMean(source, sources) || '.'}`)
    checkCondition(recipe.if, `${at}.if`, report)
    const count = checkSteps(recipe.do, `${at}.do`, config, report)
    if (count > MOST_STEPS) report(`${at}.do`, `${cited(recipe.name)}: more than ${MOST_STEPS} steps.`)
    const loop = loopFrom(recipe.name, config.recipes)
    if (loop !== undefined)
      report(
        `${at}.do`,
        `${cited(recipe.name)} would run itself: ${loop.join(' → ')}.`,
        'Take one `run` out.',
      )
  }
}

function checkSteps(
  steps: readonly Step[],
  at: string,
  config: Pick<Config, 'channels' | 'recipes' | 'mail'>,
  report: Report,
): number {
  let count = 0
  for (const [index, step] of steps.entries()) {
    count++
    const here = `${at}.${index}`
    const keys = [...ACTION_KEYS, ...BLOCK_KEYS].filter((key) => step[key] !== undefined)
    if (keys.length !== 1)
      report(
        here,
        keys.length === 0 ? 'This step does nothing.' : `This step does ${keys.join(' and ')}.`,
        `A step has exactly one of ${[...ACTION_KEYS, ...BLOCK_KEYS].join(', ')}.`,
      )
    checkCondition(step.if, `${here}.if`, report)
    checkTarget(step, here, config, report)
    checkTexts(step, here, report)
    for (const [key, inner] of Object.entries({
      do: step.do,
      else: step.else,
      parallel: step.parallel,
      on_failure: step.on_failure,
      'foreach.do': step.foreach?.do,
    }))
      if (inner) count += checkSteps(inner, `${here}.${key}`, config, report)
  }
  return count
}

function checkTarget(
  step: Step,
  at: string,
  { channels, recipes, mail }: Pick<Config, 'channels' | 'recipes' | 'mail'>,
  report: Report,
): void {
  const action = actionOf(step)
  if (action === 'mail' && mail === undefined)
    report(`${at}.mail`, 'There is no mail server.', 'Give `mail` beside `recipes`.')
  if (action === 'minion' && Object.keys(step.minion ?? {}).length !== 1)
    report(`${at}.minion`, 'It must say exactly one thing to do.', 'For example {restart: blog}.')
  if (step.run !== undefined && recipes.every(({ name }) => name !== step.run)) {
    const names = recipes.map(({ name }) => name)
    report(`${at}.run`, `There is no recipe ${cited(step.run)}${didYouMean(step.run, names) || '.'}`)
  }
  for (const key of ['post', 'request', 'card', 'issue'] as const)
    for (const name of [step[key]?.channel ?? []].flat()) {
      const channel = channels[name]
      if (channel === undefined)
        report(
          `${at}.${key}.channel`,
          `There is no channel ${cited(name)}${didYouMean(name, Object.keys(channels)) || '.'}`,
          'Channels stand under `channels`: {team: {mattermost: {url: {secret: team-hook}}}}.',
        )
      else if (!fits(key, channel))
        report(
          `${at}.${key}.channel`,
          `${cited(name)} is a channel of type ${typeOf(channel)}, not for ${key}.`,
        )
    }
}

function fits(key: string, channel: Channel): boolean {
  const type = typeOf(channel)
  return FITTING[key]?.includes(type) ?? !NOT_FOR_POSTS.includes(type)
}

const renderer = createRenderer()

/** Every text of the step's own action; those of inner steps are theirs. */
function checkTexts(step: Step, at: string, report: Report): void {
  const check = (value: unknown, place: string): void => {
    if (typeof value === 'string') {
      const problem = renderer.problem(value)
      if (problem !== undefined) report(place, `The text cannot be rendered: ${problem}.`)
    } else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) check(inner, `${place}.${key}`)
  }
  for (const key of ['post', 'mail', 'request', 'card', 'issue', 'minion', 'throttle', 'group'] as const)
    check(step[key], `${at}.${key}`)
}

function checkCondition(condition: Condition | undefined, at: string, report: Report): void {
  if (condition === undefined) return
  if (Array.isArray(condition))
    return condition.forEach((inner, index) => checkCondition(inner, `${at}.${index}`, report))
  const kinds = (['and', 'or', 'not', 'path'] as const).filter((key) => key in condition)
  if (kinds.length !== 1)
    return report(at, 'A condition has exactly one of and, or, not, path.', 'Put several into a list.')
  if ('and' in condition) return checkCondition(condition.and, `${at}.and`, report)
  if ('or' in condition) return checkCondition(condition.or, `${at}.or`, report)
  if ('not' in condition) return checkCondition(condition.not, `${at}.not`, report)
  if (Object.keys(condition).length === 1)
    report(at, `${condition.path} is compared with nothing.`, 'For example equals: main.')
  const problem = condition.matches === undefined ? undefined : patternProblem(condition.matches)
  if (problem !== undefined) report(`${at}.matches`, `This is no pattern: ${problem}.`)
}

/** The way from a recipe back to itself by `run`. */
function loopFrom(start: string, recipes: readonly Recipe[]): string[] | undefined {
  const calls = new Map(recipes.map(({ name, do: steps }) => [name, callsOf(steps)]))
  const seen = new Set<string>()
  const follow = (name: string, path: string[]): string[] | undefined => {
    for (const next of calls.get(name) ?? []) {
      if (next === start) return [...path, next]
      if (seen.has(next)) continue
      seen.add(next)
      const found = follow(next, [...path, next])
      if (found) return found
    }
    return undefined
  }
  return follow(start, [start])
}

function callsOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => [
    ...(step.run === undefined ? [] : [step.run]),
    ...[step.do, step.else, step.parallel, step.on_failure, step.foreach?.do].flatMap((inner) =>
      inner ? callsOf(inner) : [],
    ),
  ])
}

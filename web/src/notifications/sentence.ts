/** A recipe as one readable sentence, in pieces that the languages put into words; pure. */
import type { Condition, Recipe, Step, Test } from '../../../server/webhooks/recipe.ts'

/** Says a key with its values: `t` of the page. */
export type Say = (key: string, values?: Record<string, string | number>) => string

const listed = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

export function whenText({ on }: Pick<Recipe, 'on'>, say: Say): string {
  const types = listed(on.type)
  const sources = listed(on.source)
  const what = types.length > 0 ? types.map((type) => `\`${type}\``).join(', ') : say('recipe.anything')
  return sources.length > 0
    ? say('recipe.when.of', { what, source: sources.join(', ') })
    : say('recipe.when', { what })
}

export function conditionText(condition: Condition, say: Say): string {
  if (Array.isArray(condition)) return condition.map((one) => conditionText(one, say)).join(say('recipe.and'))
  if ('and' in condition) return conditionText(condition.and, say)
  if ('or' in condition) return condition.or.map((one) => conditionText(one, say)).join(say('recipe.or'))
  if ('not' in condition) return say('recipe.not', { what: conditionText(condition.not, say) })
  return testText(condition, say)
}

function testText(test: Test, say: Say): string {
  const path = `\`${test.path}\``
  const word = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  if (test.equals !== undefined) return say('cond.equals', { path, value: word(test.equals) })
  if (test.in !== undefined) return say('cond.in', { path, value: test.in.map(word).join(', ') })
  if (test.contains !== undefined) return say('cond.contains', { path, value: word(test.contains) })
  if (test.matches !== undefined) return say('cond.matches', { path, value: test.matches })
  if (test.glob !== undefined) return say('cond.glob', { path, value: listed(test.glob).join(', ') })
  if (test.exists !== undefined) return say(test.exists ? 'cond.exists' : 'cond.missing', { path })
  if (test.changed !== undefined) return say('cond.changed', { path })
  const signs = { gt: '>', gte: '≥', lt: '<', lte: '≤' } as const
  return Object.entries(test.compare ?? {})
    .map(([sign, value]) => `${path} ${signs[sign as keyof typeof signs]} ${word(value)}`)
    .join(say('recipe.and'))
}

export function stepText(step: Step, say: Say): string {
  const inner = (steps: readonly Step[]) => steps.map((one) => stepText(one, say)).join(say('recipe.then'))
  const what = actionText(step, say, inner)
  const wait = step.delay ? say('do.delay', { time: step.delay, what }) : what
  return step.if === undefined ? wait : say('do.if', { condition: conditionText(step.if, say), what: wait })
}

function actionText(step: Step, say: Say, inner: (steps: readonly Step[]) => string): string {
  if (step.post) return say('do.post', { channel: listed(step.post.channel).join(', ') })
  if (step.mail) return say('do.mail', { to: step.mail.to })
  if (step.request) return say('do.request', { channel: step.request.channel })
  if (step.card) return say('do.card', { channel: step.card.channel })
  if (step.issue) return say('do.issue', { channel: step.issue.channel })
  if (step.run) return say('do.run', { recipe: step.run })
  if (step.minion) {
    const [[verb, name] = ['', '']] = Object.entries(step.minion)
    return say('do.minion', { verb, name })
  }
  if (step.foreach) return say('do.foreach', { what: inner(step.foreach.do), path: step.foreach.in })
  return inner(step.parallel ?? step.do ?? [])
}

export function sentenceOf(recipe: Recipe, say: Say): string {
  const when = whenText(recipe, say)
  const steps = recipe.do.map((step) => stepText(step, say)).join(say('recipe.then'))
  return recipe.if === undefined
    ? say('recipe.sentence', { when, steps })
    : say('recipe.sentence.if', { when, condition: conditionText(recipe.if, say), steps })
}

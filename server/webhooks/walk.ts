/**
 * The chain of a recipe for one event, walked from its beginning with the results there are: what is wanted next, and
 * whether it has ended. Pure, so that a chain goes on after a crash where it was, and a test of a recipe is the same walk.
 */
import { holds, valueAt, type Decision, type Scope } from './match.ts'
import type { Message } from './message.ts'
import { MINION_VERBS, type MinionVerb, type Recipe, type Step } from './recipe.ts'
import type { Renderer } from './render-text.ts'
import { millisecondsOf } from './duration.ts'

/** What is to be done, with every text rendered; no secret is in it. */
export type Call =
  | { action: 'post'; channel: string; message: Message }
  | { action: 'mail'; to: string[]; message: Message }
  | { action: 'request'; channel: string; method: string; body: unknown }
  | { action: 'card'; channel: string; title: string; text: string }
  | { action: 'issue'; channel: string; title: string; text: string; labels: string[] }
  | { action: 'minion'; verb: MinionVerb; minion: string }
  | { action: 'run'; recipe: string }

export interface Want {
  /** Where in the chain; the same in every walk. */
  key: string
  call: Call
  /** The texts could not be rendered: the step has failed before it began. */
  problem?: string
  delayMs: number
  throttle?: { key: string; perMs: number; count: number }
  group?: { key: string; forMs: number; max: number; text?: string }
}

export interface StepResult {
  state: 'delivered' | 'failed' | 'dropped' | 'waiting'
  value?: unknown
  error?: string
}

export interface Walk {
  recipe: Pick<Recipe, 'name' | 'do'>
  event: Readonly<Record<string, unknown>>
  results: ReadonlyMap<string, StepResult>
  renderer: Renderer
  note?: (decision: Decision) => void
}

type Ending = 'done' | 'waiting' | 'failed'

const MOST_ITEMS = 100
const MOST_WANTS = 500
const ADDRESS = /^[^\s@<>"',;]{1,64}@[A-Za-z0-9.-]{1,253}$/u

export function walk({ recipe, event, results, renderer, note = () => {} }: Walk): {
  state: Ending
  wants: Want[]
} {
  const wants: Want[] = []
  const found: Record<string, unknown> = {}

  function sequence(steps: readonly Step[], prefix: string, scope: Scope): Ending {
    for (const [index, step] of steps.entries()) {
      const ending = guarded(step, `${prefix}${index}`, scope)
      if (ending !== 'done') return ending
    }
    return 'done'
  }

  function guarded(step: Step, key: string, scope: Scope): Ending {
    const judging = { scope, memory: () => undefined, note }
    if (step.if !== undefined && !holds(step.if, `${key}.if`, judging)) {
      if (step.else) return sequence(step.else, `${key}.else.`, scope)
      note({ at: key, outcome: 'skipped', why: 'its condition does not hold' })
      return 'done'
    }
    const ending = block(step, key, scope)
    if (ending !== 'failed' || !step.on_failure) return ending
    const error = results.get(key)?.error ?? 'a step within it failed'
    return sequence(step.on_failure, `${key}.on_failure.`, { ...scope, error })
  }

  function block(step: Step, key: string, scope: Scope): Ending {
    if (step.do) return sequence(step.do, `${key}.do.`, scope)
    if (step.parallel) {
      const endings = step.parallel.map((inner, index) => guarded(inner, `${key}.parallel.${index}`, scope))
      return worst(endings)
    }
    if (!step.foreach) return action(step, key, scope)
    const listed = valueAt(scope, step.foreach.in)
    const items = Array.isArray(listed)
      ? listed.slice(0, Math.min(step.foreach.max ?? MOST_ITEMS, MOST_ITEMS))
      : []
    note({
      at: `${key}.foreach`,
      outcome: items.length > 0 ? 'yes' : 'skipped',
      why: `${items.length} items`,
    })
    for (const [index, item] of items.entries()) {
      const ending = sequence(step.foreach.do, `${key}.foreach.${index}.`, { ...scope, item, index })
      if (ending !== 'done') return ending
    }
    return 'done'
  }

  function action(step: Step, key: string, scope: Scope): Ending {
    const channels = step.post ? [step.post.channel].flat() : []
    if (channels.length > 1)
      return worst(channels.map((channel) => once(step, `${key}#${channel}`, scope, channel)))
    return once(step, key, scope, channels[0])
  }

  function once(step: Step, key: string, scope: Scope, channel?: string): Ending {
    const result = results.get(key)
    if (!result) {
      if (wants.length < MOST_WANTS) wants.push(wanted(step, key, scope, channel))
      return 'waiting'
    }
    if (step.as !== undefined && result.value !== undefined) found[step.as] = result.value
    if (result.state === 'waiting') return 'waiting'
    return result.state === 'failed' ? 'failed' : 'done'
  }

  function wanted(step: Step, key: string, scope: Scope, channel?: string): Want {
    const want: Want = {
      key,
      call: { action: 'run', recipe: step.run ?? '' },
      delayMs: step.delay === undefined ? 0 : millisecondsOf(step.delay),
    }
    try {
      const call = callOf(step, scope, renderer, channel)
      const plain = (text: string | undefined) => renderer.render(text ?? '', scope, 'plain')
      const { throttle, group } = step
      want.call = call
      if (throttle)
        want.throttle = {
          key: `${key}:${plain(throttle.by)}`,
          perMs: millisecondsOf(throttle.per),
          count: throttle.count ?? 1,
        }
      if (group)
        want.group = {
          key: `${key}:${plain(group.by)}`,
          forMs: millisecondsOf(group.for),
          max: group.max ?? MOST_ITEMS,
          ...(group.text === undefined ? {} : { text: group.text }),
        }
    } catch (error) {
      want.problem = (error as Error).message
    }
    return want
  }

  const scope = { ...event, event, steps: found, recipe: { name: recipe.name } }
  return { state: sequence(recipe.do, '', scope), wants }
}

function worst(endings: readonly Ending[]): Ending {
  if (endings.includes('waiting')) return 'waiting'
  return endings.includes('failed') ? 'failed' : 'done'
}

function callOf(step: Step, scope: Scope, renderer: Renderer, channel?: string): Call {
  const plain = (text: string) => renderer.render(text, scope, 'plain').trim()
  const markdown = (text: string) => renderer.render(text, scope, 'markdown').trim()
  if (step.post) {
    const { title, text, url } = step.post
    const message: Message = {
      ...(title === undefined ? {} : { title: plain(title) }),
      text: markdown(text),
      ...(url === undefined ? {} : { url: plain(url) }),
    }
    return { action: 'post', channel: channel ?? '', message }
  }
  if (step.mail) {
    const to = plain(step.mail.to)
      .split(/[\s,;]+/u)
      .filter((address) => address !== '')
    const wrong = to.find((address) => !ADDRESS.test(address))
    if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong.slice(0, 80))} is not an e-mail address`)
    if (to.length === 0 || to.length > 20)
      throw new Error(`${to.length} addresses are named, 1 to 20 are possible`)
    const { subject, text } = step.mail
    const message = { ...(subject === undefined ? {} : { title: plain(subject) }), text: markdown(text) }
    return { action: 'mail', to, message }
  }
  if (step.request) {
    const body = step.request.body === undefined ? scope['event'] : renderedIn(step.request.body, plain)
    return { action: 'request', channel: step.request.channel, method: step.request.method ?? '', body }
  }
  if (step.card)
    return {
      action: 'card',
      channel: step.card.channel,
      title: plain(step.card.title),
      text: markdown(step.card.text ?? ''),
    }
  if (step.issue) {
    const { channel: name, title, text, labels } = step.issue
    return {
      action: 'issue',
      channel: name,
      title: plain(title),
      text: markdown(text ?? ''),
      labels: (labels ?? []).map(plain),
    }
  }
  if (step.minion) {
    const verb = MINION_VERBS.find((one) => step.minion?.[one] !== undefined) ?? 'restart'
    return { action: 'minion', verb, minion: plain(step.minion[verb] ?? '') }
  }
  return { action: 'run', recipe: step.run ?? '' }
}

/** Texts anywhere in a body are templates; what they yield stays a text, so nothing breaks out of its place. */
function renderedIn(value: unknown, plain: (text: string) => string): unknown {
  if (typeof value === 'string') return plain(value)
  if (Array.isArray(value)) return value.map((item) => renderedIn(item, plain))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renderedIn(inner, plain)]))
}

/** Where a call goes: calls of one destination are done one after the other. */
export function destinationOf(call: Call): string {
  if (call.action === 'mail') return 'mail'
  if (call.action === 'minion') return `minion:${call.minion}`
  return call.action === 'run' ? `recipe:${call.recipe}` : `channel:${call.channel}`
}

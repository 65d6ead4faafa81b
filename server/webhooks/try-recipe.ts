/** A recipe against one event without sending anything: every decision, and every text as it would be sent. Pure. */
import type { Event } from '../events/event.ts'
import { judge } from './consume.ts'
import { takes, type Decision } from './match.ts'
import { asMarkdown } from './message.ts'
import { quietUntil } from './quiet-hours.ts'
import type { Recipe } from './recipe.ts'
import type { Renderer } from './render-text.ts'
import { destinationOf, walk, type Call, type StepResult, type Want } from './walk.ts'

export interface Trial {
  /** The recipe takes the event. */
  taken: boolean
  decisions: Decision[]
  /** What would be done, in order. */
  steps: TriedStep[]
}

export interface TriedStep {
  step: string
  action: Call['action']
  destination: string
  /** As it would be said; in Markdown for messages. */
  text: string
  call: Call
  /** Delays, groups, throttles, quiet hours; why it would fail. */
  notes: string[]
}

export interface TrialDeps {
  renderer: Renderer
  timezone: string
  now: Date
  /** What the recipe remembers, for `changed`. */
  recall(recipe: string, key: string): { value: string; at: number } | undefined
}

const MOST_ROUNDS = 300

export function tryRecipe(recipe: Recipe, event: Event, deps: TrialDeps): Trial {
  const decisions: Decision[] = []
  const note = (decision: Decision) => void decisions.push(decision)
  const taken = takes(recipe.on, event, note) && judge(recipe, event, deps, note)
  const steps: TriedStep[] = []
  if (!taken) return { taken, decisions, steps }
  const results = new Map<string, StepResult>()
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const said: Decision[] = []
    const { wants } = walk({
      recipe,
      event: { ...event },
      results,
      renderer: deps.renderer,
      note: (decision) => void said.push(decision),
    })
    if (wants.length === 0) {
      // each walk begins at the beginning: the last one has seen everything
      decisions.push(...said)
      break
    }
    for (const want of wants) {
      steps.push(triedStep(want, recipe, event, deps))
      results.set(
        want.key,
        want.problem === undefined ? supposed(want.call) : { state: 'failed', error: want.problem },
      )
    }
  }
  return { taken, decisions, steps }
}

/** Nothing is sent, so every target is supposed to take it. */
function supposed(call: Call): StepResult {
  if (call.action === 'request') return { state: 'delivered', value: { status: 200, body: {} } }
  if (call.action === 'issue')
    return { state: 'delivered', value: { number: 1, url: 'https://example.org/issues/1' } }
  return { state: 'delivered', value: {} }
}

function triedStep(want: Want, recipe: Recipe, event: Event, deps: TrialDeps): TriedStep {
  const { key, call, problem, delayMs, throttle, group } = want
  const notes: string[] = []
  if (problem !== undefined) notes.push(`fails: the text cannot be rendered: ${problem}`)
  if (delayMs > 0) notes.push(`waits ${delayMs / 1000} s`)
  if (group) notes.push(`gathers for ${group.forMs / 1000} s, at most ${group.max}`)
  if (throttle) notes.push(`at most ${throttle.count} in ${throttle.perMs / 1000} s`)
  const says = call.action === 'post' || call.action === 'mail'
  const quiet = says ? quietUntil(recipe.quiet_hours, event.severity, deps.now, deps.timezone) : undefined
  if (quiet)
    notes.push(
      recipe.quiet_hours?.messages === 'drop'
        ? 'quiet hours: left out'
        : `quiet hours: waits until ${quiet.toISOString()}`,
    )
  return { step: key, action: call.action, destination: destinationOf(call), text: textOf(call), call, notes }
}

function textOf(call: Call): string {
  switch (call.action) {
    case 'post':
      return asMarkdown(call.message)
    case 'mail':
      return `To: ${call.to.join(', ')}\n${asMarkdown(call.message)}`
    case 'request':
      return JSON.stringify(call.body ?? {}, null, 2)
    case 'card':
    case 'issue':
      return `${call.title}\n${call.text}`.trim()
    case 'minion':
      return `${call.verb} ${call.minion}`
    default:
      return `run ${call.recipe}`
  }
}

/** Which event a recipe is tried with: one of the log, one that somebody wrote down, a webhook as a tool sends it, or a sample. */
import { Type, type Static } from 'typebox'
import type { Config } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import type { EventTypeLine } from '../events/catalogue.ts'
import type { Event, Events } from '../events/event.ts'
import { eventsOf, type Recorded } from './as-webhook.ts'
import { judge } from './consume.ts'
import type { Recipes } from './create-recipes.ts'
import { fitEvent } from './fit-event.ts'
import { takes } from './match.ts'
import type { Recipe } from './recipe.ts'
import { tryRecipe, type Trial } from './try-recipe.ts'

export interface AttemptDeps {
  recipes: Recipes
  config(): Config
  events: Pick<Events, 'get' | 'list'>
  /** Samples of events for who has none yet. */
  types(): EventTypeLine[]
  timezone(): string
  now(): Date
}

const Open = Type.Object({}, { additionalProperties: true })
export const TrialSchema = Type.Object({
  event: Open,
  /** The event is an example: none that the recipe would act on has come yet. */
  sample: Type.Optional(Type.Boolean()),
  taken: Type.Boolean(),
  decisions: Type.Array(Type.Object({ at: Type.String(), outcome: Type.String(), why: Type.String() })),
  steps: Type.Array(
    Type.Object({
      step: Type.String(),
      action: Type.String(),
      destination: Type.String(),
      text: Type.String(),
      call: Open,
      notes: Type.Array(Type.String()),
    }),
  ),
})
export const TryBody = Type.Object({
  /** An id of the log, or an event as it would stand there. Absent: the newest that the recipe acts on, or an example. */
  event: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Open])),
  webhook: Type.Optional(
    Type.Object(
      {
        source: Type.String({ maxLength: 60, description: 'A source of config.yml, or a type of sources.' }),
        headers: Type.Optional(Type.Record(Type.String(), Type.String())),
        event: Type.Optional(Type.String({ maxLength: 60 })),
        body: Type.Unknown({ description: 'JSON, or a text as it was sent.' }),
      },
      { description: 'A webhook as a tool sends it, instead of an event.' },
    ),
  ),
  /** Tries this one instead of that of config.yml. */
  recipe: Type.Optional(Open),
})

export type Given = Omit<Static<typeof TryBody>, 'recipe'>

const NEWEST = 1000
/** Conditions may be slow: so many of the newest that fit are looked at. */
const JUDGED = 50

interface Found {
  event: Event
  sample?: boolean
}

export function createAttempt(deps: AttemptDeps) {
  const { recipes } = deps

  function attempt(recipe: Recipe, { event: given, webhook }: Given): Trial & Found {
    const { event, ...found } = webhook
      ? { event: fromWebhook(recipe, webhook) }
      : given === undefined
        ? likeliest(recipe)
        : { event: chosen(given) }
    const trial = tryRecipe(recipe, event, {
      renderer: recipes.renderer(),
      timezone: deps.timezone(),
      now: deps.now(),
      recall: recipes.runs.recall,
    })
    return { event, ...found, ...trial }
  }

  /** Of several in one body that which the recipe takes. */
  function fromWebhook(recipe: Recipe, webhook: Recorded): Event {
    const all = eventsOf(webhook, deps.config(), deps.now())
    const [first] = all
    if (!first) throw new SummonerError('recipe.event', 'The webhook is no event.')
    return all.find((event) => takes(recipe.on, event)) ?? first
  }

  function chosen(given: number | object): Event {
    if (typeof given === 'object') return pasted(given, deps.now())
    const found = deps.events.get(given)
    if (found) return found
    throw new SummonerError('recipe.event', `There is no event ${given}, or no longer.`)
  }

  /** One that came and that it acts on; else an example that it acts on; else one that shows why it does not. */
  function likeliest(recipe: Recipe): Found {
    const fits = (event: Event) => takes(recipe.on, event)
    const acts = (event: Event) => fits(event) && judge(recipe, event, recipes.runs)
    const came = deps.events.list({ limit: NEWEST }).filter(fits)
    const acted = came.slice(-JUDGED).findLast(acts)
    if (acted) return { event: acted }
    const sourceTypes = new Map<string, string>(deps.config().sources.map(({ name, type }) => [type, name]))
    const samples = deps
      .types()
      .map((line) => ({ ...line.sample, source: sourceTypes.get(line.source) ?? line.sample.source }))
      .filter(fits)
    const example = samples.find(acts) ?? samples.map((sample) => fitEvent(sample, recipe.if)).find(acts)
    if (example) return { event: example, sample: true }
    const newest = came.at(-1)
    if (newest) return { event: newest }
    if (samples[0]) return { event: samples[0], sample: true }
    throw new SummonerError('recipe.event', 'No event that fits has come yet, and there is no sample of one.')
  }

  return attempt
}

/** An event as somebody wrote it down: what is left out takes a plain value. */
function pasted(given: object, now: Date): Event {
  const event = given as Partial<Event>
  if (typeof event.type !== 'string')
    throw new SummonerError('recipe.event', 'The event has no `type`.', {
      hint: 'It looks like {"type": "pipeline.failed", "source": "gitlab", "title": "…", "data": {}}; `summoner events --json` shows real ones.',
    })
  const data = typeof event.data === 'object' && event.data !== null ? event.data : {}
  return {
    id: 0,
    at: now.toISOString(),
    source: 'summoner',
    severity: 'info',
    title: event.type,
    ...event,
    type: event.type,
    data,
  }
}

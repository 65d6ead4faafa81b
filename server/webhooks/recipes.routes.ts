/** HTTP of recipes: what there is, what one would do, and changes of config.yml. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import type { ConfigFile } from '../config/config-file.ts'
import { NAME, type Config } from '../config/config.ts'
import { addRecipe, knownRecipe, removeRecipe, setRecipeEnabled } from '../config/webhook-edits.ts'
import { SummonerError } from '../errors.ts'
import type { EventTypeLine } from '../events/catalogue.ts'
import type { Event, Events } from '../events/event.ts'
import { eventsOf, type Recorded } from './as-webhook.ts'
import type { Recipes } from './create-recipes.ts'
import { takes } from './match.ts'
import type { Recipe } from './recipe.ts'
import { fillStarter, type Starter } from './starters.ts'
import { tryRecipe } from './try-recipe.ts'

export interface RecipesRoutesDeps {
  recipes: Recipes
  config(): Config
  configFile: Pick<ConfigFile, 'edit' | 'preview'>
  events: Pick<Events, 'get' | 'list'>
  starters(): Starter[]
  /** Samples of events for who has none yet. */
  types(): EventTypeLine[]
  timezone(): string
  now(): Date
}

const tags = ['recipes']
const Open = Type.Object({}, { additionalProperties: true })
const Named = Type.Object({ name: Type.String({ pattern: NAME }) })
const RecipeLine = Type.Object({
  name: Type.String(),
  enabled: Type.Boolean(),
  /** Why it was stopped: it fed itself. */
  stopped: Type.Optional(Type.String()),
  /** Kept by Summoner until there is a recipe in config.yml. */
  builtIn: Type.Optional(Type.Boolean()),
  runs: Type.Integer({ description: 'of those still remembered' }),
  lastRun: Type.Optional(Type.String()),
  recipe: Open,
})
const Trial = Type.Object({
  event: Open,
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
const TryBody = Type.Object({
  /** An id of the log, or an event as it would stand there. Absent: the newest that fits. */
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

type Given = Omit<Static<typeof TryBody>, 'recipe'>

const NEWEST = 1000

export const recipesRoutes =
  (deps: RecipesRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { recipes, configFile } = deps

    function lines() {
      const stops = new Map(recipes.runs.stops().map((stop) => [stop.recipe, stop.reason]))
      const counts = new Map(recipes.runs.counts().map((count) => [count.recipe, count]))
      const builtIn = deps.config().recipes.length === 0
      return recipes.recipes().map((recipe) => {
        const count = counts.get(recipe.name)
        const stopped = stops.get(recipe.name)
        return {
          name: recipe.name,
          enabled: recipe.enabled !== false,
          ...(stopped === undefined ? {} : { stopped }),
          ...(builtIn ? { builtIn } : {}),
          runs: count?.runs ?? 0,
          ...(count ? { lastRun: new Date(count.last).toISOString() } : {}),
          recipe,
        }
      })
    }

    function attempt(recipe: Recipe, { event: given, webhook }: Given) {
      const event = webhook ? fromWebhook(recipe, webhook) : eventFor(recipe, given)
      const trial = tryRecipe(recipe, event, {
        renderer: recipes.renderer(),
        timezone: deps.timezone(),
        now: deps.now(),
        recall: recipes.runs.recall,
      })
      return { event, ...trial }
    }

    /** Of several in one body that which the recipe takes. */
    function fromWebhook(recipe: Recipe, webhook: Recorded): Event {
      const all = eventsOf(webhook, deps.config(), deps.now())
      const [first] = all
      if (!first) throw new SummonerError('recipe.event', 'The webhook is no event.')
      return all.find((event) => takes(recipe.on, event, () => {})) ?? first
    }

    function eventFor(recipe: Recipe, given: number | object | undefined): Event {
      if (typeof given === 'object') return pasted(given, deps.now())
      if (given !== undefined) {
        const found = deps.events.get(given)
        if (found) return found
        throw new SummonerError('recipe.event', `There is no event ${given}, or no longer.`)
      }
      const fits = (event: Event) => takes(recipe.on, event, () => {})
      const newest = deps.events.list({ limit: NEWEST }).findLast(fits)
      if (newest) return newest
      const sourceTypes = new Map<string, string>(deps.config().sources.map(({ name, type }) => [type, name]))
      const sample = deps
        .types()
        .map((line) => ({ ...line.sample, source: sourceTypes.get(line.source) ?? line.sample.source }))
        .find(fits)
      if (sample) return sample
      throw new SummonerError(
        'recipe.event',
        'No event that fits has come yet, and there is no sample of one.',
      )
    }

    app.get(
      '/recipes',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listRecipes',
          summary: 'Every recipe in force, and how often it ran',
          tags,
          response: { 200: Type.Object({ recipes: Type.Array(RecipeLine) }) },
        },
      },
      () => ({ recipes: lines() }),
    )

    app.get(
      '/recipes/starters',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listStarters',
          summary: 'Recipes to begin with',
          tags,
          response: {
            200: Type.Object({
              starters: Type.Array(
                Type.Object({
                  name: Type.String(),
                  summary: Type.Object({ en: Type.String(), fr: Type.String() }),
                  needs: Type.Array(Type.String()),
                  recipe: Open,
                }),
              ),
            }),
          },
        },
      },
      () => ({ starters: deps.starters() }),
    )

    app.post(
      '/recipes',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'addRecipe',
          summary: 'Write a recipe into config.yml: one of your own, or a starter',
          tags,
          body: Type.Object({
            recipe: Type.Optional(Open),
            starter: Type.Optional(Type.String({ maxLength: 60 })),
            name: Type.Optional(Type.String({ pattern: NAME })),
            channel: Type.Optional(Type.String({ pattern: NAME })),
            source: Type.Optional(Type.String({ pattern: NAME })),
            minion: Type.Optional(Type.String({ pattern: NAME })),
          }),
          response: { 201: Type.Object({ recipe: Open }) },
        },
      },
      async (request, reply) => {
        const { recipe, starter, ...answers } = request.body
        if ((recipe === undefined) === (starter === undefined))
          throw new SummonerError('input.invalid', 'Either `recipe` or `starter` is needed.')
        const added =
          starter === undefined
            ? (recipe as unknown as Recipe)
            : fillStarter(deps.starters(), starter, answers, deps.config())
        await configFile.edit(addRecipe(added))
        return reply.code(201).send({ recipe: added })
      },
    )

    app.delete(
      '/recipes/:name',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'removeRecipe',
          summary: 'Take a recipe out of config.yml',
          tags,
          params: Named,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await configFile.edit(removeRecipe(request.params.name))
        return reply.code(204).send(null)
      },
    )

    for (const verb of ['enable', 'disable'] as const)
      app.post(
        `/recipes/:name/${verb}`,
        {
          config: { role: 'operator' },
          schema: {
            operationId: `${verb}Recipe`,
            summary: verb === 'enable' ? 'Let a recipe work, also one that was stopped' : 'Let a recipe rest',
            tags,
            params: Named,
            response: { 200: RecipeLine },
          },
        },
        async (request) => {
          const { name } = request.params
          await configFile.edit(setRecipeEnabled(name, verb === 'enable'))
          recipes.runs.unstop(name)
          const line = lines().find((one) => one.name === name)
          if (!line) throw new SummonerError('recipe.unknown', `There is no recipe "${name}".`)
          return line
        },
      )

    app.post(
      '/recipes/:name/test',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'testRecipe',
          summary: 'What a recipe would do with an event: every decision, nothing is sent',
          tags,
          params: Named,
          body: TryBody,
          response: { 200: Trial },
        },
      },
      (request) => {
        const { recipe: draft, ...given } = request.body
        if (given.event !== undefined && given.webhook !== undefined)
          throw new SummonerError('input.invalid', 'Either `event` or `webhook`, not both.')
        const { name } = request.params
        const builtIn = recipes.recipes().find((one) => one.name === name)
        if (draft === undefined) return attempt(builtIn ?? knownRecipe(deps.config(), name), given)
        const written = { ...draft, name } as unknown as Recipe
        // the same rules as in the file
        const checked = configFile.preview({
          intend: (config) => ({
            ...config,
            recipes: [...config.recipes.filter((one) => one.name !== name), written],
          }),
          write: () => {},
        })
        return attempt(knownRecipe(checked, name), given)
      },
    )
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

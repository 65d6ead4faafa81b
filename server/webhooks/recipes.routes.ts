/** HTTP of recipes: what there is, what one would do, and changes of config.yml. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { ConfigFile } from '../config/config-file.ts'
import { NAME } from '../config/config.ts'
import { addRecipe, knownRecipe, removeRecipe, setRecipeEnabled } from '../config/webhook-edits.ts'
import { SummonerError } from '../errors.ts'
import { createAttempt, TrialSchema, TryBody, type AttemptDeps } from './attempt.ts'
import type { Recipe } from './recipe.ts'
import { fillStarter, type Starter } from './starters.ts'

export interface RecipesRoutesDeps extends AttemptDeps {
  configFile: Pick<ConfigFile, 'edit' | 'preview'>
  starters(): Starter[]
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

export const recipesRoutes =
  (deps: RecipesRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { recipes, configFile } = deps
    const attempt = createAttempt(deps)

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
          response: { 200: TrialSchema },
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

/** Recipes, channels and deliveries with their routes, put together for `app.ts`. */
import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { ConfigFile } from '../config/config-file.ts'
import type { EventTypeLine } from '../events/catalogue.ts'
import { channelsRoutes } from './channels.routes.ts'
import { createRecipes, type RecipesDeps } from './create-recipes.ts'
import { deliveriesRoutes } from './deliveries.routes.ts'
import { recipesRoutes } from './recipes.routes.ts'
import { readStarters } from './starters.ts'

export interface NotificationsDeps extends RecipesDeps {
  configFile: Pick<ConfigFile, 'edit' | 'preview'>
  hasSecret(name: string): boolean
  types(): EventTypeLine[]
  /** The checkout: recipes to begin with lie there. */
  home: string
}

export function createNotifications(deps: NotificationsDeps) {
  const recipes = createRecipes(deps)
  const shared = { ...deps, recipes, now: () => new Date() }
  return {
    start: recipes.start,
    stop: recipes.stop,
    routes: (async (app) => {
      await app.register(
        recipesRoutes({
          ...shared,
          timezone: recipes.timezone,
          starters: () => readStarters(join(deps.home, 'templates/recipes')),
        }),
      )
      await app.register(deliveriesRoutes({ recipes }))
      await app.register(channelsRoutes(shared))
    }) satisfies FastifyPluginAsyncTypebox,
  }
}

/** HTTP for images that were built here: list them, take them to a registry, bring them back. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { NAME } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { JobSchema, type Jobs } from '../jobs/job.ts'
import type { PushImages } from './push-images.ts'
import { BuiltImageSchema, registryNamed, type RegistryMinion } from './pushed-image.ts'

interface RoutesDeps {
  pushImages: PushImages
  registries(): RegistryMinion[]
  /** Names of those that were summoned. */
  minions(): string[]
  jobs: Pick<Jobs, 'submit'>
}

const Name = Type.Object({ name: Type.String({ pattern: NAME }) })
const Body = Type.Union([
  Type.Object(
    { registry: Type.Optional(Type.String({ pattern: NAME, description: 'where there are several' })) },
    { additionalProperties: false },
  ),
  Type.Null(),
])
const tags = ['images']
const summaries = {
  push: 'Push the images of a minion that were built here to a private registry',
  pull: 'Pull pushed images of a minion that are not on this server any more',
}

export const imagesRoutes =
  ({ pushImages, registries, minions, jobs }: RoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/images',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listImages',
          summary: 'Images of minions that were built here, and whether a registry keeps them',
          tags,
          response: { 200: Type.Object({ images: Type.Array(BuiltImageSchema) }) },
        },
      },
      async () => ({ images: await pushImages.list(minions()) }),
    )

    for (const verb of ['push', 'pull'] as const)
      app.post(
        `/minions/:name/images/${verb}`,
        {
          config: { role: 'operator' },
          schema: {
            operationId: `${verb}Images`,
            summary: summaries[verb],
            tags,
            params: Name,
            body: Body,
            response: { 202: Type.Object({ job: JobSchema }) },
          },
        },
        async (request, reply) => {
          const { name } = request.params
          if (!minions().includes(name))
            throw new SummonerError('minion.unknown', `There is no minion called ${name}.`)
          const { minion: registry } = registryNamed(request.body?.registry, registries())
          const job = jobs.submit({
            kind: `${verb}-images`,
            minion: name,
            input: { minion: name, registry },
            actor: request.actor?.name ?? 'unknown',
          })
          return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
        },
      )
  }

/** HTTP for destinations: their state, a copy now, a check now. */
import { Type } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NAME } from '../../config/config.ts'
import { JobSchema, type Job } from '../../jobs/job.ts'
import type { Destination } from '../settings.ts'
import type { CopyInput } from './copy.ts'
import { DestinationSchema, type DestinationView } from './destination.ts'

interface RouteDeps {
  list(): DestinationView[]
  find(name: string): Destination
  submit(kind: 'copy' | 'check-destination', input: CopyInput & { all?: boolean }, actor: string): Job
}

const Name = Type.Object({ name: Type.String({ pattern: NAME }) })
const tags = ['backups']

export const destinationsRoutes =
  (deps: RouteDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/destinations',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listDestinations',
          summary: 'Where copies of the backups lie, and how each of them is',
          tags,
          response: { 200: Type.Object({ destinations: Type.Array(DestinationSchema) }) },
        },
      },
      () => ({ destinations: deps.list() }),
    )

    app.post(
      '/destinations/:name/copy',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'copyToDestination',
          summary: 'Copy what is missing there now',
          tags,
          params: Name,
          body: Type.Union([
            Type.Object(
              {
                takeOver: Type.Optional(
                  Type.Boolean({ description: 'from another server that runs as this box' }),
                ),
              },
              { additionalProperties: false },
            ),
            Type.Null(),
          ]),
          response: { 202: Type.Object({ job: JobSchema }) },
        },
      },
      async (request, reply) => {
        const { name: destination } = request.params
        const input = { destination, ...(request.body?.takeOver ? { takeOver: true } : {}) }
        const job = deps.submit('copy', input, request.actor?.name ?? 'unknown')
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )

    app.post(
      '/destinations/:name/check',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'checkDestination',
          summary: 'Read what lies there: a quarter of it, or all',
          tags,
          params: Name,
          body: Type.Union([
            Type.Object({ all: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
            Type.Null(),
          ]),
          response: { 202: Type.Object({ job: JobSchema }) },
        },
      },
      async (request, reply) => {
        const { name: destination } = request.params
        const input = { destination, ...(request.body?.all ? { all: true } : {}) }
        const job = deps.submit('check-destination', input, request.actor?.name ?? 'unknown')
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )
  }

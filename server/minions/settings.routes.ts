/** HTTP of one minion's settings: read, what a change would write, the change itself. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FastifyRequest } from 'fastify'
import { NAME } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { JobSchema } from '../jobs/job.ts'
import type { MinionDeps } from './deps.ts'
import { readSettings, settingsEdit } from './settings.ts'
import { SettingsChangeSchema, SettingsSchema, type SettingsChange } from './settings-view.ts'

const Name = Type.Object({ name: Type.String({ pattern: NAME }) })
const tags = ['minions']

function refuseGrants({ actor }: Pick<FastifyRequest, 'actor'>, { grants }: SettingsChange): void {
  if (grants !== undefined && actor?.role !== 'administrator')
    throw new SummonerError('auth.refused', 'Only an administrator grants powers over this server.')
}

export const settingsRoutes =
  (deps: MinionDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/minions/:name/settings',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'readSettings',
          summary: 'What config.yml says of a minion, and its environment with the secrets masked',
          tags,
          params: Name,
          response: { 200: SettingsSchema },
        },
      },
      async (request) => readSettings(request.params.name, deps),
    )

    app.post(
      '/minions/:name/settings/preview',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'previewSettings',
          summary: 'config.yml before and after a change; nothing is written',
          tags,
          params: Name,
          body: SettingsChangeSchema,
          response: { 200: Type.Object({ before: Type.String(), after: Type.String() }) },
        },
      },
      async (request) => {
        refuseGrants(request, request.body)
        return deps.config.previewText(settingsEdit(request.params.name, request.body, deps))
      },
    )

    app.patch(
      '/minions/:name/settings',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'changeSettings',
          summary: 'Write a change into config.yml and apply it to this minion',
          tags,
          params: Name,
          body: SettingsChangeSchema,
          response: {
            202: Type.Object(
              { job: Type.Optional(JobSchema) },
              { description: 'A stopped minion has no job' },
            ),
          },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        refuseGrants(request, request.body)
        const { config } = await deps.config.edit(settingsEdit(name, request.body, deps))
        const running = config.applications.some((one) => one.name === name && one.state === 'running')
        if (!running) return reply.code(202).send({})
        const actor = request.actor?.name ?? 'unknown'
        const job = deps.jobs.submit({ kind: 'summon', minion: name, input: { minion: name }, actor })
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )
  }

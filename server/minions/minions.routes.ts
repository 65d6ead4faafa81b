/** HTTP for minions: list, add, remove, power, logs, stats, secrets. */
import { join } from 'node:path'
import { Type } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NAME } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { JobSchema } from '../jobs/job.ts'
import { newApplication, refuseUnmetNeeds, submitSummon } from './add.ts'
import { readApplied } from './applied.ts'
import type { MinionDeps } from './deps.ts'
import { MinionSchema, type Minion } from './minion.ts'

interface RoutesDeps extends MinionDeps {
  list(): Minion[]
  /** `minion.unknown` when there is none. */
  find(name: string): Minion
}

const Name = Type.Object({ name: Type.String({ pattern: NAME }) })
const JobAnswer = Type.Object({ job: JobSchema })
const tags = ['minions']

const AddBody = Type.Object(
  {
    template: Type.String({ pattern: NAME }),
    name: Type.Optional(Type.String({ pattern: NAME })),
    subdomain: Type.Optional(Type.String({ maxLength: 253 })),
    version: Type.Optional(Type.String({ maxLength: 128 })),
    images: Type.Optional(Type.Enum(['auto', 'registry', 'distro'])),
    database: Type.Optional(Type.Enum(['dedicated', 'shared'])),
    env: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 32768 }))),
    grants: Type.Optional(Type.Array(Type.String(), { maxItems: 32 })),
  },
  { additionalProperties: false },
)

export const minionsRoutes =
  (deps: RoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    let told: { minions: Minion[]; bytes: Buffer } | undefined
    app.get(
      '/minions',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listMinions',
          summary: 'Every minion with its state',
          tags,
          response: { 200: Type.Object({ minions: Type.Array(MinionSchema) }) },
        },
      },
      async (_request, reply) => {
        const minions = deps.list()
        // many pages look at the same list: it is put into words once
        if (told?.minions !== minions)
          told = { minions, bytes: Buffer.from(reply.serialize({ minions }) as string) }
        return reply.type('application/json; charset=utf-8').send(told.bytes as never)
      },
    )

    app.get(
      '/minions/:name',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getMinion',
          summary: 'One minion',
          tags,
          params: Name,
          response: { 200: MinionSchema },
        },
      },
      async (request) => deps.find(request.params.name),
    )

    app.post(
      '/minions',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'addMinion',
          summary: 'Add a minion to config.yml and summon it',
          tags,
          body: AddBody,
          response: { 202: Type.Object({ job: JobSchema, minion: Type.String() }) },
        },
      },
      async (request, reply) => {
        if (request.body.grants?.length && request.actor?.role !== 'administrator')
          throw new SummonerError('auth.refused', 'Only an administrator grants powers over this server.')
        const application = newApplication(request.body, deps)
        await refuseUnmetNeeds(application.template, deps)
        const job = submitSummon(application, request.actor?.name ?? 'unknown', deps)
        return reply
          .code(202)
          .header('location', `/api/v1/jobs/${job.id}`)
          .send({ job, minion: application.name })
      },
    )

    app.delete(
      '/minions/:name',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'removeMinion',
          summary: 'Dismiss a minion; its data stays unless purge is set',
          tags,
          params: Name,
          querystring: Type.Object({ purge: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
          response: { 202: JobAnswer },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        if (name === 'nginx') throw new SummonerError('minion.required', 'nginx is the proxy of this box.')
        const purge = request.query.purge ?? false
        // what an earlier dismissal left can still be purged
        const left = purge && deps.readInstance(join(deps.dirs.minions, name)) !== undefined
        if (!left) deps.find(name)
        const input = { minion: name, purge }
        const job = deps.jobs.submit({
          kind: 'dismiss',
          minion: name,
          input,
          actor: request.actor?.name ?? 'unknown',
        })
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )

    for (const kind of ['start', 'stop', 'restart'] as const)
      app.post(
        `/minions/:name/${kind}`,
        {
          config: { role: 'operator' },
          schema: {
            operationId: `${kind}Minion`,
            summary: `${kind[0]?.toUpperCase()}${kind.slice(1)} a minion`,
            tags,
            params: Name,
            response: { 202: JobAnswer },
          },
        },
        async (request, reply) => {
          const { name } = request.params
          deps.find(name)
          // a minion that was never brought up has nothing to start: then the wish is a summon
          const summon = kind === 'start' && !readApplied(deps.dirs.records, name)
          const job = deps.jobs.submit({
            kind: summon ? 'summon' : kind,
            minion: name,
            input: summon ? { minion: name } : { minion: name, wish: kind !== 'restart' },
            actor: request.actor?.name ?? 'unknown',
          })
          return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
        },
      )
  }

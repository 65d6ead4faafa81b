/** HTTP for backup sets: make, list, look at. */
import { Type, type TSchema } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NAME } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { JobSchema, type Job } from '../jobs/job.ts'
import { bringProxy, newApplication } from '../minions/add.ts'
import { readApplied } from '../minions/applied.ts'
import type { BackupInput } from './cold.ts'
import type { BackupDeps } from './deps.ts'
import { readManifest } from './manifest.ts'
import type { ProveInput } from './prove.ts'
import { refuseOccupied, type RestoreInput } from './restore.ts'
import { BOX } from './recovery/box-manifest.ts'
import type { BoxInput } from './recovery/box-set.ts'
import { retentionPlan, savedMinions } from './upkeep.ts'
import { setFilesRoutes } from './set-files.routes.ts'
import { BackupSetSchema, SET_ID, SET_STATES } from './set.ts'

const Name = Type.Object({ name: Type.String({ pattern: NAME }) })
const Id = Type.Object({ id: Type.String({ pattern: SET_ID }) })
const tags = ['backups']
const Verdict = Type.Array(
  Type.Object({
    set: Type.String(),
    at: Type.String(),
    keep: Type.Boolean(),
    reasons: Type.Array(Type.String()),
  }),
)
const Verdicts = Type.Object({ minion: Type.String(), sets: Verdict, dumps: Verdict })
/** A request without a body means every default. */
const Nothing = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const backupsRoutes =
  (deps: BackupDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(setFilesRoutes(deps))

    const submit = (minion: string, stop: boolean, actor: string): Job => {
      const input: BackupInput = { minion, reason: 'request', ...(stop ? { stop } : {}) }
      return deps.jobs.submit({ kind: 'backup', minion, input, actor })
    }

    const submitBox = (actor: string): Job => {
      const input: BoxInput = { reason: 'request' }
      return deps.jobs.submit({ kind: 'box', input, actor })
    }

    app.post(
      '/minions/:name/backup',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'backupMinion',
          summary: 'Make a backup set of one minion, or of the box itself (`summoner`)',
          tags,
          params: Name,
          body: Nothing(
            Type.Object(
              {
                stop: Type.Optional(
                  Type.Boolean({
                    description: 'stop it for the copy even where a copy of the running thing is whole',
                  }),
                ),
              },
              { additionalProperties: false },
            ),
          ),
          response: { 202: Type.Object({ job: JobSchema }) },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        if (name === BOX) {
          const job = submitBox(request.actor?.name ?? 'unknown')
          return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
        }
        if (!readApplied(deps.dirs.records, name))
          throw new SummonerError('minion.unknown', `There is no minion called ${name}.`)
        const job = submit(name, request.body?.stop ?? false, request.actor?.name ?? 'unknown')
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )

    app.post(
      '/backups',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'backupAll',
          summary: 'Make a backup set of every minion',
          tags,
          response: { 202: Type.Object({ jobs: Type.Array(JobSchema) }) },
        },
      },
      async (request, reply) => {
        const minions = savedMinions(deps)
        const actor = request.actor?.name ?? 'unknown'
        // the set of the box follows the last of them
        const jobs =
          minions.length > 0 ? minions.map((minion) => submit(minion, false, actor)) : [submitBox(actor)]
        return reply.code(202).send({ jobs })
      },
    )

    app.get(
      '/backups',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listBackups',
          summary: 'Backup sets, newest first; failed ones too',
          tags,
          querystring: Type.Object(
            {
              minion: Type.Optional(Type.String({ pattern: NAME })),
              state: Type.Optional(Type.Enum(SET_STATES)),
              limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200 })),
            },
            { additionalProperties: false },
          ),
          response: { 200: Type.Object({ sets: Type.Array(BackupSetSchema) }) },
        },
      },
      (request) => ({ sets: deps.sets.list(request.query) }),
    )

    app.get(
      '/retention',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'planRetention',
          summary: 'Which sets and dumps stay and which would go, with reasons; removes nothing',
          tags,
          response: { 200: Type.Object({ minions: Type.Array(Verdicts) }) },
        },
      },
      async () => ({ minions: await retentionPlan(deps) }),
    )

    app.post(
      '/retention',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'runRetention',
          summary: 'Remove the sets and dumps that the policy does not keep',
          tags,
          response: { 202: Type.Object({ job: JobSchema }) },
        },
      },
      async (request, reply) => {
        const job = deps.jobs.submit({
          kind: 'retention',
          input: {},
          actor: request.actor?.name ?? 'unknown',
        })
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )

    app.get(
      '/backups/:id',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getBackup',
          summary: 'One backup set',
          tags,
          params: Id,
          response: { 200: BackupSetSchema },
        },
      },
      (request) => deps.sets.get(request.params.id),
    )

    app.post(
      '/backups/:id/restore',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'restoreBackup',
          summary: 'Put a backup set in the place of its minion, or make a clone of it',
          tags,
          params: Id,
          body: Nothing(
            Type.Object(
              {
                as: Type.Optional(
                  Type.String({
                    pattern: NAME,
                    description: 'name of the clone; the minion of the set stays as it is',
                  }),
                ),
                subdomain: Type.Optional(Type.String({ maxLength: 253 })),
              },
              { additionalProperties: false },
            ),
          ),
          response: { 202: Type.Object({ job: JobSchema, minion: Type.String() }) },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const stored = deps.sets.restorable(id)
        if (stored.minion === BOX)
          throw new SummonerError('restore.box', `${id} is the set of the box itself.`)
        const manifest = readManifest(stored.manifest, id)
        const minion = request.body?.as ?? manifest.minion
        const there = readApplied(deps.dirs.records, minion) !== undefined
        if (there && minion !== manifest.minion)
          throw new SummonerError('minion.exists', `There is a minion called ${minion} already.`)
        const input: RestoreInput = { minion, set: id }
        if (!there) {
          refuseOccupied(minion, deps)
          const { template, version, env, grants, database } = manifest.application
          if (grants.length > 0 && request.actor?.role !== 'administrator')
            throw new SummonerError('auth.refused', 'Only an administrator grants powers over this server.')
          const same = minion === manifest.minion
          const subdomain = request.body?.subdomain ?? (same ? manifest.application.subdomain : minion)
          const listed = deps.config.read().config.applications.some(({ name }) => name === minion)
          if (!listed)
            input.application = newApplication(
              {
                template,
                name: minion,
                subdomain,
                env,
                grants,
                database,
                images: manifest.images.source,
                ...(version === undefined ? {} : { version }),
              },
              deps,
            )
        }
        const actor = request.actor?.name ?? 'unknown'
        bringProxy(actor, deps)
        const job = deps.jobs.submit({ kind: 'restore', minion, input, actor })
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job, minion })
      },
    )

    app.post(
      '/backups/:id/prove',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'proveBackup',
          summary: 'Restore a set into a throw-away project and judge it',
          tags,
          params: Id,
          response: { 202: Type.Object({ job: JobSchema }) },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const { minion } = deps.sets.restorable(id)
        if (minion === BOX)
          throw new SummonerError('proof.impossible', `${id} is the set of the box itself.`, {
            hint: 'A recovery on another server proves it: docs/disaster-recovery.md.',
          })
        const input: ProveInput = { minion, set: id }
        const job = deps.jobs.submit({
          kind: 'prove',
          minion,
          input,
          actor: request.actor?.name ?? 'unknown',
        })
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )
  }

/** HTTP for the box as a whole: plan, apply, stacks. */
import { Type } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NAME } from '../config/config.ts'
import { JobSchema } from '../jobs/job.ts'
import { apply, makePlan } from './apply.ts'
import { readApplied } from './applied.ts'
import type { MinionDeps } from './deps.ts'
import { PlanSchema } from './plan.ts'
import { stackMembers, sumOfStack, StackSumSchema } from './stack.ts'

export const applyRoutes =
  (
    deps: MinionDeps & {
      /** The proxy's part of config.yml has no job of its own. */
      followProxy(): void
    },
  ): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/config/plan',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'plan',
          summary: 'What apply would change',
          tags: ['config'],
          response: { 200: PlanSchema },
        },
      },
      async () => makePlan(deps),
    )

    app.post(
      '/config/apply',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'apply',
          summary: 'Make the box what config.yml says',
          tags: ['config'],
          body: Type.Object(
            {
              yes: Type.Optional(Type.Boolean()),
              only: Type.Optional(Type.Array(Type.String({ pattern: NAME }), { maxItems: 2000 })),
            },
            { additionalProperties: false },
          ),
          response: { 202: Type.Object({ plan: PlanSchema, jobs: Type.Array(JobSchema) }) },
        },
      },
      async (request, reply) => {
        const { yes = false, only } = request.body
        const actor = request.actor?.name ?? 'unknown'
        const applied = apply({ yes, actor, ...(only ? { only } : {}) }, deps)
        deps.followProxy()
        return reply.code(202).send(applied)
      },
    )

    app.get(
      '/stacks/:name',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getStack',
          summary: 'The minions of a stack, and the memory and disk they may take together',
          tags: ['stacks'],
          params: Type.Object({ name: Type.String({ maxLength: 64 }) }),
          response: { 200: StackSumSchema },
        },
      },
      async (request) => sumOfStack(request.params.name, deps),
    )

    for (const [verb, kind] of [
      ['up', 'start'],
      ['down', 'stop'],
    ] as const)
      app.post(
        `/stacks/:name/${verb}`,
        {
          config: { role: 'operator' },
          schema: {
            operationId: `${verb}Stack`,
            summary:
              verb === 'up' ? 'Summon or start every minion of a stack' : 'Stop every minion of a stack',
            tags: ['stacks'],
            params: Type.Object({ name: Type.String({ maxLength: 64 }) }),
            response: { 202: Type.Object({ jobs: Type.Array(JobSchema) }) },
          },
        },
        async (request, reply) => {
          const { name } = request.params
          const members = stackMembers(name, deps)
          const actor = request.actor?.name ?? 'unknown'
          const jobs = members
            .filter((minion) => kind === 'start' || readApplied(deps.dirs.records, minion))
            .map((minion) =>
              readApplied(deps.dirs.records, minion)
                ? deps.jobs.submit({ kind, minion, actor, input: { minion, wish: true } })
                : deps.jobs.submit({ kind: 'summon', minion, actor, input: { minion } }),
            )
          return reply.code(202).send({ jobs })
        },
      )

    app.post(
      '/stacks/:name/backup',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'backupStack',
          summary: 'Make a backup set of every minion of a stack',
          tags: ['stacks'],
          params: Type.Object({ name: Type.String({ maxLength: 64 }) }),
          response: { 202: Type.Object({ jobs: Type.Array(JobSchema) }) },
        },
      },
      async (request, reply) => {
        const actor = request.actor?.name ?? 'unknown'
        const jobs = stackMembers(request.params.name, deps)
          .filter((minion) => readApplied(deps.dirs.records, minion))
          .map((minion) =>
            deps.jobs.submit({ kind: 'backup', minion, actor, input: { minion, reason: 'request' } }),
          )
        return reply.code(202).send({ jobs })
      },
    )
  }

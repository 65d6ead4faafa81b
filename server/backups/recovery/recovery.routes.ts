/** HTTP for the recovery of a box: the sheet that makes one possible, and the state of one under way. */
import { Type } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { RecoverySchema, type Recovery } from './recovery-file.ts'

interface RouteDeps {
  sheet(): string
  recovery(): Recovery | undefined
  /** The job that works on it. */
  job(): string | undefined
}

const tags = ['backups']

export const recoveryRoutes =
  (deps: RouteDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/recovery-sheet',
      {
        config: { role: 'administrator', audited: true, confirmed: true },
        schema: {
          operationId: 'getRecoverySheet',
          summary: 'Address, password and steps that bring the box back on another server',
          tags,
          response: { 200: Type.Object({ sheet: Type.String() }) },
        },
      },
      async (_request, reply) => {
        reply.header('cache-control', 'no-store')
        return { sheet: deps.sheet() }
      },
    )

    app.get(
      '/recovery',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'getRecovery',
          summary: 'The recovery of this box from a destination: what came back, and what did not',
          tags,
          response: {
            200: Type.Object({
              recovery: Type.Union([RecoverySchema, Type.Null()]),
              job: Type.Optional(Type.String()),
            }),
          },
        },
      },
      () => {
        const job = deps.job()
        return { recovery: deps.recovery() ?? null, ...(job === undefined ? {} : { job }) }
      },
    )
  }

/** Is the daemon there? */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'

export const healthRoutes =
  ({ version }: { version: string }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/health',
      {
        config: { role: 'public' },
        schema: {
          operationId: 'health',
          summary: 'Is the daemon there?',
          tags: ['system'],
          response: { 200: Type.Object({ status: Type.Literal('ok'), version: Type.String() }) },
        },
      },
      async () => ({ status: 'ok' as const, version }),
    )
  }

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { AuditEntrySchema } from './audit.ts'
import type { Audit } from './create-audit.ts'

export const auditRoutes =
  ({ audit }: { audit: Pick<Audit, 'list'> }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/audit',
      {
        config: { role: 'administrator' },
        schema: {
          summary: 'Who changed what, newest first',
          tags: ['Audit'],
          operationId: 'listAudit',
          querystring: Type.Object({
            before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only entries with a lower id.' })),
            actor: Type.Optional(Type.String({ maxLength: 100 })),
            action: Type.Optional(Type.String({ maxLength: 100 })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
          }),
          response: { 200: Type.Object({ entries: Type.Array(AuditEntrySchema) }) },
        },
      },
      (request) => {
        const { limit = 100, ...filter } = request.query
        return { entries: audit.list({ ...filter, limit }) }
      },
    )
  }

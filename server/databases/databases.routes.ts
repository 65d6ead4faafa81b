/** HTTP for shared database servers. They change by what config.yml says of their minions, so they are only read here. */
import { Type } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { DatabaseServerSchema, type SharedDatabases } from './database.ts'

export const databasesRoutes =
  (databases: Pick<SharedDatabases, 'list'>): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/databases',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listDatabases',
          summary: 'Shared database servers, with the databases that lie on them',
          tags: ['databases'],
          response: { 200: Type.Object({ servers: Type.Array(DatabaseServerSchema) }) },
        },
      },
      async () => ({ servers: await databases.list() }),
    )
  }

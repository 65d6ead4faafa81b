/** HTTP of what lies in a backup set. */
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { BackupDeps } from './deps.ts'
import { SetEntrySchema } from './set-entry.ts'
import { listFiles, openFile } from './set-files.ts'
import { SET_ID } from './set.ts'

const Id = Type.Object({ id: Type.String({ pattern: SET_ID }) })
const tags = ['backups']

export const setFilesRoutes =
  (deps: BackupDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/backups/:id/files',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'listBackupFiles',
          summary: 'What lies in a folder of a backup set',
          tags,
          params: Id,
          querystring: Type.Object(
            {
              path: Type.String({
                maxLength: 4096,
                default: '',
                description: 'e.g. `volumes/uploads`; without it the folders of the set',
              }),
            },
            { additionalProperties: false },
          ),
          response: { 200: Type.Object({ path: Type.String(), entries: Type.Array(SetEntrySchema) }) },
        },
      },
      async (request) => {
        const { path } = request.query
        return { path, entries: await listFiles(request.params.id, path, deps) }
      },
    )

    app.get(
      '/backups/:id/file',
      {
        config: { role: 'administrator', audited: true },
        schema: {
          operationId: 'downloadBackupFile',
          summary: 'A file of a backup set, or a folder of it as a zip archive',
          tags,
          params: Id,
          querystring: Type.Object(
            { path: Type.String({ minLength: 1, maxLength: 4096 }) },
            { additionalProperties: false },
          ),
          response: {
            200: {
              description: 'The bytes as they were',
              content: { 'application/octet-stream': { schema: Type.String() } },
            },
          },
        },
      },
      async (request, reply) => {
        const { name, bytes, content } = await openFile(request.params.id, request.query.path, deps)
        // what cannot be read at all is an error, not a file that ends early
        const first = await content.next()
        if (bytes !== undefined) void reply.header('content-length', bytes)
        return reply
          .type('application/octet-stream')
          .header('content-disposition', `attachment; filename*=UTF-8''${encoded(name)}`)
          .header('cache-control', 'no-store')
          .send(Readable.from(afterwards(first, content), { objectMode: false }) as never)
      },
    )
  }

/** As RFC 8187 has it. */
const encoded = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

async function* afterwards(
  first: IteratorResult<Buffer, void>,
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    if (!first.done) yield first.value
    yield* rest
  } finally {
    // a visitor who leaves ends the program
    await rest.return()
  }
}

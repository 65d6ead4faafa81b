/** HTTP of config.yml as a text; plan and apply are routes of their own. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ProblemSchema } from '../http/problem.ts'
import type { ConfigFile } from './config-file.ts'
import { MAX_BYTES } from './yaml-source.ts'

const ConfigText = Type.Object({
  text: Type.String(),
  etag: Type.String({ description: 'also in the ETag header; send it back as If-Match' }),
  /** Why the file as it stands is not valid. */
  problem: Type.Optional(ProblemSchema),
})
const tags = ['config']

export const configRoutes =
  ({
    configFile,
  }: {
    configFile: Pick<ConfigFile, 'readText' | 'replace' | 'check'>
  }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/config',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'getConfig',
          summary: 'config.yml as it stands, valid or not',
          tags,
          response: { 200: ConfigText },
        },
      },
      async (_request, reply) => {
        const current = configFile.readText()
        void reply.header('etag', current.etag).header('cache-control', 'no-store')
        return current
      },
    )

    app.post(
      '/config/check',
      {
        config: { role: 'operator' },
        bodyLimit: MAX_BYTES * 6,
        schema: {
          operationId: 'checkConfig',
          summary: 'Why a text could not be config.yml; nothing is written',
          tags,
          body: Type.Object({ text: Type.String() }, { additionalProperties: false }),
          response: { 200: Type.Object({ problem: Type.Optional(ProblemSchema) }) },
        },
      },
      async (request) => {
        const problem = configFile.check(request.body.text)
        return problem ? { problem } : {}
      },
    )

    app.put(
      '/config',
      {
        config: { role: 'administrator' },
        // JSON may need six bytes for one of the text; the file's own limit is checked on the text.
        bodyLimit: MAX_BYTES * 6,
        schema: {
          operationId: 'replaceConfig',
          summary: 'Replace config.yml as a whole; what it changes waits for plan and apply',
          tags,
          headers: Type.Object({
            'if-match': Type.Optional(Type.String({ description: 'ETag of the version that was edited' })),
          }),
          body: Type.Object({ text: Type.String() }, { additionalProperties: false }),
          response: {
            200: Type.Object({ text: Type.String(), etag: Type.String() }),
          },
        },
      },
      async (request, reply) => {
        const { text, etag } = await configFile.replace(request.body.text, request.headers['if-match'])
        void reply.header('etag', etag)
        return { text, etag }
      },
    )
  }

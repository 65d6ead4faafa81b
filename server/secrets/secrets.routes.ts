/** HTTP of the secrets: names come out, values only go in. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { NAME } from '../config/config.ts'
import { MAX_SECRET, SecretSchema, type Secrets } from './secrets.ts'

const Params = Type.Object({ name: Type.String({ pattern: NAME }) })
const tags = ['secrets']

export const secretsRoutes =
  ({ secrets }: { secrets: Secrets }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/secrets',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'listSecrets',
          summary: 'Names of the secrets, never their values',
          tags,
          response: { 200: Type.Object({ secrets: Type.Array(SecretSchema) }) },
        },
      },
      () => ({ secrets: secrets.list() }),
    )

    app.put(
      '/secrets/:name',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'setSecret',
          summary: 'Set a secret, or replace its value',
          tags,
          params: Params,
          body: Type.Object(
            { value: Type.String({ minLength: 1, maxLength: MAX_SECRET }) },
            { additionalProperties: false },
          ),
          response: { 200: SecretSchema },
        },
      },
      (request) => secrets.set(request.params.name, request.body.value),
    )

    app.delete(
      '/secrets/:name',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'removeSecret',
          summary: 'Remove a secret',
          tags,
          params: Params,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        secrets.remove(request.params.name)
        return reply.code(204).send(null)
      },
    )
  }

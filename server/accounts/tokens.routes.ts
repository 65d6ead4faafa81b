import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Tokens } from './create-tokens.ts'
import { NewTokenSchema, TokenSchema } from './token.ts'

export const tokensRoutes =
  ({ tokens }: { tokens: Tokens }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/tokens',
      {
        config: { role: 'administrator' },
        schema: {
          summary: 'API tokens, without their secrets',
          tags: ['Tokens'],
          operationId: 'listTokens',
          response: { 200: Type.Object({ tokens: Type.Array(TokenSchema) }) },
        },
      },
      () => ({ tokens: tokens.list() }),
    )

    app.post(
      '/tokens',
      {
        config: { role: 'administrator', confirmed: true, rateLimit: { max: 30, timeWindow: 60_000 } },
        schema: {
          summary: 'Make a token; it is shown this once',
          tags: ['Tokens'],
          operationId: 'createToken',
          body: NewTokenSchema,
          response: { 201: Type.Object({ id: Type.String(), token: Type.String() }) },
        },
      },
      async (request, reply) => {
        const made = tokens.create(request.body, request.actor?.name ?? 'unknown')
        return reply.code(201).header('cache-control', 'no-store').send(made)
      },
    )

    app.delete(
      '/tokens/:id',
      {
        config: { role: 'administrator' },
        schema: {
          summary: 'Remove a token; what it still streams ends',
          tags: ['Tokens'],
          operationId: 'removeToken',
          params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
          response: { 204: Type.Null({ description: 'Removed' }) },
        },
      },
      async (request, reply) => {
        tokens.remove(request.params.id)
        return reply.code(204).send(null)
      },
    )
  }

/** HTTP of terminals: one stream of what the program writes, small requests for what is typed. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { NAME } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { sendEvents } from '../http/sse.ts'
import type { Terminals } from './create-terminals.ts'
import { OpenedSchema, SizeSchema } from './terminal.ts'

const Id = Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{32}$' }) })
const tags = ['terminals']
const Nothing = { 204: Type.Null({ description: 'Done' }) }

export const terminalsRoutes =
  ({ terminals }: { terminals: Terminals }): FastifyPluginAsyncTypebox =>
  async (app) => {
    /** A person in a browser, or root on the server: a token that was copied somewhere is no seat before a shell. */
    const ownerOf = (request: FastifyRequest) => {
      if (app.adminRequests.has(request.raw)) return { key: 'local', name: 'local' }
      const { actor } = request
      if (!actor?.session) throw new SummonerError('session.needed', 'A terminal is opened by a person.')
      return { key: actor.session.id, name: actor.name }
    }

    app.get(
      '/terminals',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'getTerminals',
          summary: 'Whether config.yml allows terminals',
          tags,
          response: { 200: Type.Object({ allowed: Type.Boolean() }) },
        },
      },
      () => ({ allowed: terminals.allowed() }),
    )

    app.post(
      '/minions/:name/terminals',
      {
        config: { role: 'administrator', confirmed: true },
        schema: {
          operationId: 'openTerminal',
          summary: 'A shell in a running container of a minion',
          tags,
          params: Type.Object({ name: Type.String({ pattern: NAME }) }),
          body: Type.Object({
            service: Type.String({ minLength: 1, maxLength: 64 }),
            ...SizeSchema.properties,
          }),
          response: { 201: OpenedSchema },
        },
      },
      async (request, reply) => {
        const { service, rows, columns } = request.body
        const owner = ownerOf(request)
        const opened = await terminals.open(request.params.name, service, { rows, columns }, owner)
        return reply.code(201).send(opened)
      },
    )

    app.get(
      '/terminals/:id/output',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'followTerminal',
          summary: 'What the program writes; the terminal ends with its reader',
          description:
            'Server-Sent Events: `output`, bytes in base64, and `end` with why (`ended` and its exit code, `idle`, `closed`, `off`).',
          tags,
          params: Id,
          response: {
            200: {
              description: 'A stream that ends with the program',
              content: { 'text/event-stream': { schema: Type.String() } },
            },
          },
        },
      },
      (request, reply) =>
        sendEvents(request, reply, terminals.output(request.params.id, ownerOf(request).key)),
    )

    app.post(
      '/terminals/:id/input',
      {
        // that it was opened is kept; what is typed may be a password
        config: { role: 'administrator', audited: false },
        schema: {
          operationId: 'typeIntoTerminal',
          summary: 'Type',
          tags,
          params: Id,
          body: Type.Object({ data: Type.String({ minLength: 1, maxLength: 65_536 }) }),
          response: Nothing,
        },
      },
      async (request, reply) => {
        terminals.type(request.params.id, ownerOf(request).key, request.body.data)
        return reply.code(204).send(null)
      },
    )

    app.put(
      '/terminals/:id/size',
      {
        config: { role: 'administrator', audited: false },
        schema: {
          operationId: 'resizeTerminal',
          summary: 'The window has another size',
          tags,
          params: Id,
          body: SizeSchema,
          response: Nothing,
        },
      },
      async (request, reply) => {
        await terminals.resize(request.params.id, ownerOf(request).key, request.body)
        return reply.code(204).send(null)
      },
    )

    app.delete(
      '/terminals/:id',
      {
        config: { role: 'administrator', audited: false },
        schema: {
          operationId: 'closeTerminal',
          summary: 'Close a terminal',
          tags,
          params: Id,
          response: Nothing,
        },
      },
      async (request, reply) => {
        terminals.close(request.params.id, ownerOf(request).key)
        return reply.code(204).send(null)
      },
    )
  }

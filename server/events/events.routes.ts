import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { positionOf, sendEvents, type SseMessage } from '../http/sse.ts'
import { EventSchema, type Events } from './event.ts'
import { followEvents } from './follow-events.ts'

const Narrow = {
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only events with a higher id.' })),
  minion: Type.Optional(Type.String({ maxLength: 63 })),
  type: Type.Optional(Type.String({ maxLength: 63 })),
}

export const eventsRoutes =
  ({ events }: { events: Events }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/events',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'What happened, oldest first',
          description: 'With `after`, the next events behind that id; without, the newest ones.',
          tags: ['Events'],
          operationId: 'listEvents',
          querystring: Type.Object({
            ...Narrow,
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
          }),
          response: { 200: Type.Object({ events: Type.Array(EventSchema) }) },
        },
      },
      (request) => ({ events: events.list(request.query) }),
    )

    app.get(
      '/events/stream',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Events as they happen',
          description:
            'Server-Sent Events named by their type, the id being the position. Begins now, after `after`, or after `Last-Event-ID`.',
          tags: ['Events'],
          operationId: 'streamEvents',
          querystring: Type.Object(Narrow),
          response: {
            200: {
              description: 'A stream that ends with the client',
              content: { 'text/event-stream': { schema: Type.String() } },
            },
          },
        },
      },
      (request, reply) => {
        const { after, ...narrow } = request.query
        const from = positionOf(request.headers) ?? after
        sendEvents(request, reply, async function* (signal): AsyncGenerator<SseMessage> {
          for await (const event of followEvents(events, { ...narrow, after: from }, signal))
            yield { event: event.type, id: event.id, data: event }
        })
      },
    )
  }

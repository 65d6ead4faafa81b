import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { positionOf, sendEvents, type SseMessage } from '../http/sse.ts'
import { SummonerError } from '../errors.ts'
import type { EventTypeLine } from './catalogue.ts'
import { EventSchema, type Event, type Events } from './event.ts'
import { followEvents } from './follow-events.ts'

const Narrow = {
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only events with a higher id.' })),
  minion: Type.Optional(Type.String({ maxLength: 63 })),
  type: Type.Optional(Type.String({ maxLength: 80 })),
  source: Type.Optional(Type.String({ maxLength: 63, description: '`summoner`, or a source of webhooks.' })),
}

const EventTypeSchema = Type.Object({
  type: Type.String(),
  source: Type.String({ description: '`summoner`, or the type of the sources that send it.' }),
  summary: Type.Object({ en: Type.String(), fr: Type.String() }),
  severity: EventSchema.properties.severity,
  sample: EventSchema,
})

/** Lists stay small: what a sender sent, word for word, comes with the single event only. */
function brief(event: Event): Event {
  if (!('payload' in event.data)) return event
  const { payload: _, ...data } = event.data
  return { ...event, data }
}

export const eventsRoutes =
  ({ events, types }: { events: Events; types: () => EventTypeLine[] }): FastifyPluginAsyncTypebox =>
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
      (request) => ({ events: events.list(request.query).map(brief) }),
    )

    app.get(
      '/events/types',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Every type of event there is, with a sample',
          tags: ['Events'],
          operationId: 'listEventTypes',
          response: { 200: Type.Object({ types: Type.Array(EventTypeSchema) }) },
        },
      },
      () => ({ types: types() }),
    )

    app.get(
      '/events/:id',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'One event, with what its sender sent as `data.payload`',
          tags: ['Events'],
          operationId: 'getEvent',
          params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
          response: { 200: EventSchema },
        },
      },
      ({ params }) => {
        const event = events.get(params.id)
        if (!event) throw new SummonerError('event.unknown', `There is no event ${params.id}.`)
        return event
      },
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
            yield { event: event.type, id: event.id, data: brief(event) }
        })
      },
    )
  }

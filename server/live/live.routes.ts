/** HTTP of the one stream that an open page holds. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { sendEvents } from '../http/sse.ts'
import { followLive } from './follow-live.ts'
import type { Live } from './live.ts'

export const liveRoutes =
  ({ live }: { live: Live }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/live',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Everything an open page must know, as it changes',
          description:
            'Server-Sent Events: `minions` once with every minion, then `minion` and `gone` as they change, `job` when one changes its state, `event` as it is logged.',
          tags: ['Live'],
          operationId: 'streamLive',
          response: {
            200: {
              description: 'A stream that ends with the client',
              content: { 'text/event-stream': { schema: Type.String() } },
            },
          },
        },
      },
      (request, reply) => sendEvents(request, reply, (signal) => followLive(live, signal)),
    )
  }

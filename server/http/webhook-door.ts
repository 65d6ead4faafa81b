/**
 * Webhooks prove themselves and come by the thousand, so what guards people and pages is not spent on them: they are
 * answered by an application of their own, which the server asks before the other one sees the request.
 */
import type { FastifyBaseLogger, FastifyInstance, FastifyPluginAsync, FastifyServerFactory } from 'fastify'
import { SummonerError } from '../errors.ts'
import { http } from '../node-http.ts'
import { createBase, REQUEST_TIMEOUT_MS } from './base.ts'
import { sendProblem } from './problem.ts'

const BELOW = '/hooks/'

export type WebhookDoor = Pick<FastifyInstance, 'routing' | 'declaredRoutes' | 'close'>

export async function createWebhookDoor(
  logger: FastifyBaseLogger,
  routes: FastifyPluginAsync,
): Promise<WebhookDoor> {
  const app = createBase(logger)
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, new SummonerError('hook.unknown', 'No source has this address.')),
  )
  await app.register(routes)
  await app.ready()
  return app
}

export const serverWith =
  (door: WebhookDoor): FastifyServerFactory =>
  (house) =>
    http.createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) =>
      request.url?.startsWith(BELOW) ? door.routing(request, response) : house(request, response),
    )

/** The same routes in the document, and for whoever asks by the admin socket: handed on as they came. */
export const handedOn =
  (door: WebhookDoor): FastifyPluginAsync =>
  async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const { method, url, schema = {}, config = {} } of door.declaredRoutes)
      app.route({
        method,
        url,
        schema,
        config: { ...config, ownCredentials: true, audited: false },
        helmet: false,
        handler: (request, reply) => {
          reply.hijack()
          door.routing(request.raw, reply.raw)
        },
      })
    app.addHook('onClose', () => door.close())
  }

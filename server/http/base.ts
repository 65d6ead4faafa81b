/** What our applications share: limits, how input is read, how errors are told. No hook of it runs at a request. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyServerFactory,
  type RouteOptions,
} from 'fastify'
import { completeRoute } from './openapi.ts'
import { sendProblem, toProblemError } from './problem.ts'
import { createSerializerCompiler } from './serialization.ts'
import { createValidatorCompiler } from './validation.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route as it was declared, for tests that walk them all. */
    declaredRoutes: RouteOptions[]
  }
}

export const REQUEST_TIMEOUT_MS = 60_000

export function createBase(logger: FastifyBaseLogger, serverFactory?: FastifyServerFactory) {
  const app = Fastify({
    loggerInstance: logger,
    bodyLimit: 1024 * 1024,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    // While stopping, what still comes over an open connection is answered; the sockets are closed already.
    return503OnClosing: false,
    // One line of our own, without headers and queries.
    logController: new LogController({ disableRequestLogging: true }),
    // The peer of a Unix socket is nginx and nothing before it: `true` would believe what a client wrote.
    trustProxy: (_address, hop) => hop === 0,
    frameworkErrors: (error, _request, reply) => sendProblem(reply, toProblemError(error)),
    ...(serverFactory ? { serverFactory } : {}),
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(createValidatorCompiler())
  app.setSerializerCompiler(createSerializerCompiler())
  app.setErrorHandler((error, request, reply) => {
    const known = toProblemError(error)
    if (known.code === 'internal') request.log.error({ err: known.cause ?? known }, 'A request broke.')
    sendProblem(reply, known)
  })
  app.decorate('declaredRoutes', [])
  app.addHook('onRoute', (route) => {
    completeRoute(route)
    app.declaredRoutes.push(route)
  })
  app.addHook('onReady', async () => {
    const open = app.declaredRoutes.filter((route) => route.config?.role === undefined)
    if (open.length > 0)
      throw new Error(
        `Routes without a role: ${open.map((route) => `${String(route.method)} ${route.url}`).join(', ')}`,
      )
  })
  return app
}

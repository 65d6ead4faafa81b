/** The HTTP application before its routes: validation, errors, authentication, limits, OpenAPI. */
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyBaseLogger, FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { SummonerError } from '../errors.ts'
import { addAuthentication, clientOf, type Authenticate } from './auth.ts'
import { createBase } from './base.ts'
import { addOpenapi, API } from './openapi.ts'
import { contentTypeRefused, sendProblem } from './problem.ts'
import type { SessionCheck } from './session-cookie.ts'
import type { WebPage } from './web-page.ts'
import { createWebhookDoor, handedOn, serverWith } from './webhook-door.ts'

export interface HttpDeps {
  logger: FastifyBaseLogger
  authenticate: Authenticate
  /** Absent: no browser signs in here. */
  sessions?: SessionCheck
  page?: WebPage
  /** Below `/hooks/`; they guard themselves. */
  webhooks?: FastifyPluginAsync
  version: string
}

export type Http = Awaited<ReturnType<typeof createHttp>>

/** RFC 9110 allows many spellings of one content type; parsers that disagreed on them were holes (CVE-2025-32442). */
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i

export async function createHttp({ logger, authenticate, sessions, page, webhooks, version }: HttpDeps) {
  const door = webhooks && (await createWebhookDoor(logger, webhooks))
  const app = createBase(logger, door && serverWith(door))
  const closing = new AbortController()
  app.decorate('closing', closing.signal)
  app.decorate('adminRequests', new WeakSet())
  app.addHook('preClose', async () => closing.abort())

  app.setNotFoundHandler((request, reply) => {
    if (page?.open(request, reply)) return
    sendProblem(
      reply,
      new SummonerError('route.unknown', `${request.method} ${pathOf(request.url)} is not known.`),
    )
  })

  app.removeAllContentTypeParsers()
  // An empty body counts as none: clients send the header with DELETE too.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void app.getDefaultJsonParser('error', 'error')(request, body as string, done)
  })
  app.addHook('onRequest', async (request) => {
    const type = request.headers['content-type']
    if (request.routeOptions.config?.ownCredentials) return
    if (type !== undefined && !JSON_TYPE.test(type)) throw contentTypeRefused()
  })

  app.addHook('onSend', async (request, reply) => {
    // whoever uses the browser next has nothing to find; the reference page and its files are everybody's
    const own = request.url.startsWith(`${API}/`) && !request.url.startsWith(`${API}/docs/`)
    if (own && !reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
  })
  app.addHook('onResponse', async (request, reply) => {
    // Changes and failures; what strangers ask for in vain must not fill the disk.
    const changed = request.actor !== null && request.method !== 'GET'
    const level = changed || reply.statusCode >= 500 ? 'info' : 'debug'
    request.log[level](
      {
        method: request.method,
        path: pathOf(request.url),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        actor: request.actor?.name,
      },
      'request',
    )
  })

  await app.register(helmet, {
    // nginx decides on HSTS: only it knows whether the certificate is publicly trusted.
    hsts: false,
    xFrameOptions: { action: 'deny' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
        imgSrc: ["'self'", 'data:'],
      },
    },
  })
  await app.register(rateLimit, {
    global: false,
    keyGenerator: clientOf,
    allowList: (request) => app.adminRequests.has(request.raw),
  })
  await app.register(cookie)
  addAuthentication(app, authenticate, sessions)
  await addOpenapi(app, version)

  if (door) await app.register(handedOn(door))
  if (page) await app.register(page.routes)
  app.get(
    `${API}/health`,
    {
      config: { role: 'public' },
      schema: {
        summary: 'Whether the daemon answers, and its version',
        tags: ['System'],
        operationId: 'getHealth',
        response: { 200: Type.Object({ status: Type.Literal('ok'), version: Type.String() }) },
      },
    },
    () => ({ status: 'ok' as const, version }),
  )
  app.get(
    `${API}/openapi.json`,
    {
      config: { role: 'public' },
      schema: {
        summary: 'This document',
        tags: ['System'],
        operationId: 'getOpenapi',
        response: { 200: Type.Unsafe<object>(Type.Object({}, { additionalProperties: true })) },
      },
    },
    () => app.swagger(),
  )
  return app
}

/** Without the query, which may carry what nobody wants in a log, as the addresses of webhooks do. */
function pathOf(url: string): string {
  const path = url.split('?', 1)[0]?.slice(0, 500) ?? ''
  return path.startsWith('/hooks/') ? '/hooks/…' : path
}

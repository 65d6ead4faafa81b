/** Where webhooks come in. The address is checked before a byte of the body is read, everything else before it is parsed. */
import type { IncomingMessage } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { asSummonerError, SummonerError } from '../errors.ts'
import { clientOf } from '../http/auth.ts'
import type { createCounts, Refusal } from './inbox-counts.ts'
import type { createStrikes, Rate } from './inbox-limits.ts'
import { tooLarge, type ReadBody } from './read-body.ts'
import { formOf, refuse, type createReceiver, type Form } from './receive.ts'
import type { Admission, Sources } from './sources.ts'

declare module 'fastify' {
  interface FastifyRequest {
    hook: { admission: Admission; form: Form } | null
  }
}

interface HookDeps {
  sources: Sources
  counts: ReturnType<typeof createCounts>
  rate: Rate
  strikes: ReturnType<typeof createStrikes>
  readBody: ReadBody
  receive: ReturnType<typeof createReceiver>
}

const MEBIBYTE = 1024 * 1024
const PER_SECOND = 100

const Parts = {
  source: Type.String({ maxLength: 60 }),
  token: Type.String({ maxLength: 100 }),
}

export const hooksRoutes =
  ({ sources, counts, rate, strikes, readBody, receive }: HookDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.decorateRequest('hook', null)
    // a logger of its own for each request would cost more than checking its signature
    app.setChildLoggerFactory((logger) => logger)
    app.removeAllContentTypeParsers()
    // whatever it is called: what is taken was decided before
    app.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
      const { admission } = known(request)
      try {
        return await readBody(payload, limitOf(admission, request))
      } catch (error) {
        const { code } = asSummonerError(error)
        const reason: Refusal =
          code === 'request.too-large' ? 'too-large' : code === 'hook.slow' ? 'slow' : 'malformed'
        counts.refused(admission.wish.name, reason, admission.wish.minion)
        throw error
      }
    })

    const admit = (request: FastifyRequest, { source, token }: { source: string; token: string }) => {
      const admission = sources.admit(source, token)
      if (admission === undefined) throw refuse('token', 'No source has this address.')
      const { wish, type } = admission
      const refused = (reason: Refusal, error: SummonerError) => {
        counts.refused(source, reason, wish.minion)
        return error
      }
      const wait = rate.take(source, wish.rate ?? PER_SECOND)
      if (wait > 0)
        throw refused('rate', refuse('rate', `The source "${source}" sends too much; wait ${wait} s.`))
      const { headers } = request
      const encoding = headers['content-encoding'] ?? 'identity'
      if (encoding !== 'identity')
        throw refused('encoding', refuse('encoding', 'Compressed bodies are not taken here.'))
      const form = formOf(type, headers['content-type'])
      if (form === undefined)
        throw refused(
          'content-type',
          refuse('content-type', `The source "${source}" takes ${type.accepts.join(' or ')} only.`),
        )
      if (Number(headers['content-length'] ?? 0) > limitOf(admission, request))
        throw refused('too-large', tooLarge(limitOf(admission, request)))
      return { admission, form }
    }

    for (const path of ['/hooks/:source/:token', '/hooks/:source/:token/:event'])
      app.post(
        path,
        {
          config: { role: 'public' },
          schema: {
            summary: 'A webhook of a source',
            description:
              'The tool proves itself as it always does. 202 means: on the disk. A webhook that comes again is answered in the same way and changes nothing.',
            tags: ['Webhooks'],
            operationId: path.endsWith(':event') ? 'takeNamedWebhook' : 'takeWebhook',
            params: Type.Object(
              path.endsWith(':event')
                ? { ...Parts, event: Type.String({ pattern: '^[a-z0-9._-]{1,60}$' }) }
                : Parts,
            ),
            response: {
              200: Type.Object({}, { additionalProperties: true }),
              202: Type.Object({}, { additionalProperties: true }),
            },
          },
          onRequest: async (request, reply) => {
            try {
              // who it is is only worked out when somebody was refused
              if (strikes.any() && strikes.isOut(clientOf(request)))
                throw new SummonerError('request.rate', 'This client was refused too often.')
              request.hook = admit(request, request.params)
            } catch (error) {
              const { code } = asSummonerError(error)
              if (code === 'hook.unknown') strikes.count(clientOf(request))
              // the rest of the body is not wanted
              void reply.header('connection', 'close')
              throw error
            }
          },
          errorHandler: (error, request, reply) => {
            const { code } = asSummonerError(error)
            if (code === 'hook.refused' || code === 'hook.stale') strikes.count(clientOf(request))
            if (!request.raw.complete) void reply.header('connection', 'close')
            throw error
          },
        },
        async (request, reply) => {
          const { admission, form } = known(request)
          const { event } = request.params as { event?: string }
          const answer = await receive({
            admission,
            form,
            headers: request.headers,
            event,
            raw: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          })
          return reply.code(answer.status).send(answer.body)
        },
      )
  }

function known(request: FastifyRequest): { admission: Admission; form: Form } {
  if (request.hook === null) throw new SummonerError('hook.unknown', 'No source has this address.')
  return request.hook
}

/** Tools that send much say how much; a body without a length is one that may never end. */
function limitOf({ type }: Admission, { headers }: Pick<FastifyRequest, 'headers'>): number {
  const limit = type.limit ?? MEBIBYTE
  return headers['content-length'] === undefined ? Math.min(limit, MEBIBYTE) : limit
}

/** HTTP for what one looks at in one minion: logs, stats, secrets. */
import { join } from 'node:path'
import { Type } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NAME } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { sendEvents } from '../http/sse.ts'
import { readApplied } from './applied.ts'
import type { MinionDeps } from './deps.ts'
import { minionLogs } from './logs.ts'
import type { Minion } from './minion.ts'

interface DetailDeps extends Pick<MinionDeps, 'projection' | 'engine' | 'dirs' | 'readKept'> {
  find(name: string): Minion
}

const Name = Type.Object({ name: Type.String({ pattern: NAME }) })
const tags = ['minions']

export const minionDetailRoutes =
  (deps: DetailDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/minions/:name/logs',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'readLogs',
          summary: 'Log lines of all containers of a minion; a stream with Accept: text/event-stream',
          tags,
          params: Name,
          querystring: Type.Object(
            {
              service: Type.Optional(Type.String({ maxLength: 64 })),
              follow: Type.Optional(Type.Boolean()),
              since: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339 time' })),
              tail: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, default: 200 })),
            },
            { additionalProperties: false },
          ),
          response: {
            200: Type.Object({
              lines: Type.Array(
                Type.Object({
                  at: Type.String(),
                  service: Type.String(),
                  stream: Type.String(),
                  line: Type.String(),
                }),
              ),
            }),
          },
        },
      },
      async (request, reply) => {
        const { containers } = deps.find(request.params.name)
        const { since, service } = request.query
        const services = containers.map((container) => container.service)
        if (service !== undefined && !services.includes(service))
          throw new SummonerError(
            'input.invalid',
            `${request.params.name} has no container of "${service}".`,
            {
              at: { path: 'service' },
              hint: services.length > 0 ? `There are: ${services.join(', ')}.` : 'It has no containers now.',
            },
          )
        if (since !== undefined && Number.isNaN(Date.parse(since)))
          throw new SummonerError('input.invalid', `"${since}" is not a time.`, {
            at: { path: 'since' },
            hint: 'Write it like 2026-11-21T09:00:00Z.',
          })
        if (!request.headers.accept?.includes('text/event-stream')) {
          const lines = []
          for await (const line of minionLogs(request.params.name, { ...request.query, follow: false }, deps))
            lines.push(line)
          return { lines: lines.sort((a, b) => a.at.localeCompare(b.at)) }
        }
        const { name } = request.params
        sendEvents(request, reply, async function* (signal) {
          for await (const line of minionLogs(name, { ...request.query, follow: true, signal }, deps))
            yield { event: 'log', data: line }
        })
        return reply
      },
    )

    app.get(
      '/minions/:name/stats',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'readStats',
          summary: 'CPU, memory, network and disk of every running container',
          tags,
          params: Name,
          response: {
            200: Type.Array(
              Type.Object(
                { container: Type.String(), service: Type.String() },
                { additionalProperties: Type.Number() },
              ),
            ),
          },
        },
      },
      async (request) => {
        deps.find(request.params.name)
        const running = deps.projection.ours(request.params.name).filter(({ state }) => state === 'running')
        return Promise.all(
          running.map(async ({ id, name, service }) => ({
            container: name,
            service: service ?? '',
            ...(await deps.engine.stats(id)),
          })),
        )
      },
    )

    app.get(
      '/minions/:name/secrets',
      {
        config: { role: 'administrator', audited: true },
        schema: {
          operationId: 'readSecrets',
          summary: 'First administrator and generated secrets of a minion',
          tags,
          params: Name,
          response: {
            200: Type.Object({
              admin: Type.Optional(
                Type.Object({ user: Type.String(), password: Type.String(), url: Type.String() }),
              ),
              secrets: Type.Record(Type.String(), Type.String()),
            }),
          },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        deps.find(name)
        const applied = readApplied(deps.dirs.records, name)
        const kept = deps.readKept(join(deps.dirs.minions, name))
        const admin = applied?.admin
        void reply.header('cache-control', 'no-store')
        return {
          ...(admin
            ? { admin: { user: admin.user, password: kept[admin.passwordEnv] ?? '', url: admin.url } }
            : {}),
          secrets: Object.fromEntries((applied?.secrets ?? []).map((key) => [key, kept[key] ?? ''])),
        }
      },
    )
  }

/** HTTP for minions: list, add, remove, power, logs, stats, secrets. */
import { Type } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NAME, type Application } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { problemResponses } from '../http/problem.ts'
import { streamEvents } from '../http/sse.ts'
import { JobSchema } from '../jobs/job.ts'
import { LABEL } from '../docker/container.ts'
import { readApplied } from './applied.ts'
import type { MinionDeps } from './deps.ts'
import { minionLogs } from './logs.ts'
import { MinionSchema, type Minion } from './minion.ts'

interface RoutesDeps extends MinionDeps {
  list(): Promise<Minion[]>
}

const Name = Type.Object({ name: Type.String({ pattern: NAME }) })
const JobAnswer = Type.Object({ job: JobSchema })
const tags = ['minions']

const AddBody = Type.Object(
  {
    template: Type.String({ pattern: NAME }),
    name: Type.Optional(Type.String({ pattern: NAME })),
    subdomain: Type.Optional(Type.String({ maxLength: 253 })),
    version: Type.Optional(Type.String({ maxLength: 128 })),
    images: Type.Optional(
      Type.Union([Type.Literal('auto'), Type.Literal('registry'), Type.Literal('distro')]),
    ),
    env: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 32768 }))),
    grants: Type.Optional(Type.Array(Type.String(), { maxItems: 32 })),
  },
  { additionalProperties: false },
)

export const minionsRoutes =
  (deps: RoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const find = async (name: string): Promise<Minion> => {
      const found = (await deps.list()).find((minion) => minion.name === name)
      if (!found) throw new SummonerError('minion.unknown', `There is no minion called ${name}.`)
      return found
    }

    app.get(
      '/minions',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listMinions',
          summary: 'Every minion with its state',
          tags,
          response: { 200: Type.Array(MinionSchema), ...problemResponses },
        },
      },
      () => deps.list(),
    )

    app.get(
      '/minions/:name',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getMinion',
          summary: 'One minion',
          tags,
          params: Name,
          response: { 200: MinionSchema, ...problemResponses },
        },
      },
      (request) => find(request.params.name),
    )

    app.post(
      '/minions',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'addMinion',
          summary: 'Add a minion to config.yml and summon it',
          tags,
          body: AddBody,
          response: { 202: Type.Object({ job: JobSchema, minion: Type.String() }), ...problemResponses },
        },
      },
      async (request, reply) => {
        const application = await newApplication(request.body, deps)
        const job = submitSummon(application, request.actor?.name ?? 'unknown', deps)
        return reply
          .code(202)
          .header('location', `/api/v1/jobs/${job.id}`)
          .send({ job, minion: application.name })
      },
    )

    app.delete(
      '/minions/:name',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'removeMinion',
          summary: 'Dismiss a minion; its data stays unless purge is set',
          tags,
          params: Name,
          querystring: Type.Object({ purge: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
          response: { 202: JobAnswer, ...problemResponses },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        if (name === 'nginx') throw new SummonerError('minion.required', 'nginx is the proxy of this box.')
        await find(name)
        const input = { minion: name, purge: request.query.purge ?? false }
        const job = deps.jobs.submit({
          kind: 'dismiss',
          minion: name,
          input,
          actor: request.actor?.name ?? 'unknown',
        })
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )

    for (const kind of ['start', 'stop', 'restart'] as const)
      app.post(
        `/minions/:name/${kind}`,
        {
          config: { role: 'operator' },
          schema: {
            operationId: `${kind}Minion`,
            summary: `${kind[0]?.toUpperCase()}${kind.slice(1)} a minion`,
            tags,
            params: Name,
            response: { 202: JobAnswer, ...problemResponses },
          },
        },
        async (request, reply) => {
          const { name } = request.params
          await find(name)
          // a minion that was never brought up has nothing to start: then the wish is a summon
          const summon = kind === 'start' && !readApplied(deps.dirs.minions, name)
          const job = deps.jobs.submit({
            kind: summon ? 'summon' : kind,
            minion: name,
            input: summon ? { minion: name } : { minion: name, wish: kind !== 'restart' },
            actor: request.actor?.name ?? 'unknown',
          })
          return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
        },
      )

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
            ...problemResponses,
          },
        },
      },
      async (request, reply) => {
        await find(request.params.name)
        const { since } = request.query
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
        return streamEvents(request, reply, async ({ send, signal }) => {
          for await (const line of minionLogs(
            request.params.name,
            { ...request.query, follow: true, signal },
            deps,
          ))
            await send({ event: 'log', data: line })
        })
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
            ...problemResponses,
          },
        },
      },
      async (request) => {
        await find(request.params.name)
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
        config: { role: 'administrator' },
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
            ...problemResponses,
          },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        await find(name)
        const applied = readApplied(deps.dirs.minions, name)
        const kept = deps.readKept(`${deps.dirs.minions}/${name}`)
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

type AddRequest = Pick<Application, 'template'> & Partial<Application>

/** The entry with its defaults, rendered once so that a 422 leaves nothing behind. */
async function newApplication(body: AddRequest, deps: MinionDeps): Promise<Application> {
  const { config } = await deps.config.read()
  const name = body.name ?? body.template
  const taken = config.applications.find((application) => application.name === name)
  if (taken && !(taken.name === 'nginx' && deps.projection.ours('nginx').length === 0))
    throw new SummonerError('minion.exists', `There is a minion called ${name} already.`)
  deps.catalog.reload()
  const application: Application = {
    name,
    template: body.template,
    subdomain: body.subdomain ?? name,
    state: 'running',
    database: 'dedicated',
    env: body.env ?? {},
    grants: body.grants ?? [],
    ...(body.version ? { version: body.version } : {}),
    ...(body.images ? { images: body.images } : {}),
  }
  deps.config.check(application, config)
  const { rendered } = deps.wishes.renderOne(application, config)
  const owner = config.applications
    .filter((other) => other.name !== name)
    .find((other) => readApplied(deps.dirs.minions, other.name)?.host === rendered.host)
  if (owner) throw new SummonerError('host.taken', `${rendered.host} belongs to ${owner.name}.`)
  return application
}

/** The proxy comes along with the first minion of a box. */
function submitSummon(application: Application, actor: string, deps: MinionDeps) {
  const proxyThere = readApplied(deps.dirs.minions, 'nginx') ?? deps.jobs.active('nginx')
  if (!proxyThere) deps.jobs.submit({ kind: 'summon', minion: 'nginx', input: { minion: 'nginx' }, actor })
  return deps.jobs.submit({
    kind: 'summon',
    minion: application.name,
    input: { minion: application.name, application },
    actor,
  })
}

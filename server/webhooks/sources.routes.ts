/** HTTP of the sources: which there are, their addresses, what was refused and why. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { NAME, type Config, type SourceWish } from '../config/config.ts'
import type { ConfigFile } from '../config/config-file.ts'
import { addEntry, removeEntryOf } from '../config/list-edits.ts'
import type { Connected } from './connect/connect.ts'
import type { createCounts } from './inbox-counts.ts'
import type { NewAddress, Sources } from './sources.ts'
import { AddressSchema, SourceSchema, TypeSchema } from './source-view.ts'
import { sourceTypes } from './sources/all.ts'
import { SOURCE_TYPES } from './sources/source.ts'

export interface SourcesRoutesDeps {
  configFile: Pick<ConfigFile, 'edit'>
  config(): Pick<Config, 'sources' | 'domain'>
  sources: Sources
  counts: Pick<ReturnType<typeof createCounts>, 'of'>
  /** Where the hooks answer: from the Internet, and for the minions of this box. */
  origins(): { outside: string; inside: string }
  redactor: { add(value: string): void }
  connect(minion: string, by: string): Promise<Connected>
}

const Name = Type.String({ pattern: NAME })
const Named = Type.Object({ name: Name })
const tags = ['Webhooks']
export const sourcesRoutes =
  (deps: SourcesRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { configFile, config, sources, counts, origins, redactor, connect } = deps
    const shown = ({ id, path, secret }: NewAddress, name: string) => {
      const token = path.split('/').at(-1) ?? ''
      for (const value of [token, secret]) if (value !== undefined) redactor.add(value)
      return {
        source: name,
        id,
        url: origins().outside + path,
        inside: origins().inside + path,
        ...(secret === undefined ? {} : { secret }),
        steps: sourceTypes[sources.find(name).type].steps,
      }
    }
    const proofOf = (wish: SourceWish) => {
      const type = sourceTypes[wish.type]
      if (wish.secret !== undefined) return 'secret' as const
      if (type.toolMakesSecret) return 'missing' as const
      return type.proves ? ('secret' as const) : ('address' as const)
    }

    app.get(
      '/sources',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Who may send webhooks, when they last did, and what was refused',
          tags,
          operationId: 'listSources',
          response: { 200: Type.Object({ sources: Type.Array(SourceSchema) }) },
        },
      },
      () => ({
        sources: config().sources.map((wish) => {
          const { accepted, repeated, refused, seenAt, refusedAt, refusedFor } = counts.of(wish.name)
          return {
            name: wish.name,
            type: wish.type,
            title: sourceTypes[wish.type].title,
            ...(wish.minion === undefined ? {} : { minion: wish.minion }),
            address: `${origins().outside}/hooks/${wish.name}/…`,
            proof: proofOf(wish),
            tokens: sources.tokensOf(wish.name),
            accepted,
            repeated,
            refused,
            ...(seenAt === undefined ? {} : { lastSeen: seenAt }),
            ...(refusedAt === undefined || refusedFor === undefined
              ? {}
              : { lastRefused: { at: refusedAt, reason: refusedFor } }),
          }
        }),
      }),
    )

    app.get(
      '/sources/types',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Which tools are understood, and how each is set up',
          tags,
          operationId: 'listSourceTypes',
          response: { 200: Type.Object({ types: Type.Array(TypeSchema) }) },
        },
      },
      () => ({
        types: SOURCE_TYPES.map((name) => {
          const { title, proves, words, steps } = sourceTypes[name]
          return { name, title, proves, events: [...words], steps }
        }),
      }),
    )

    app.post(
      '/sources',
      {
        config: { role: 'administrator' },
        schema: {
          summary: 'Add a source to config.yml; its address is shown this once',
          tags,
          operationId: 'addSource',
          body: Type.Object({
            name: Name,
            type: Type.Enum(SOURCE_TYPES),
            minion: Type.Optional(Name),
            secret: Type.Optional(Type.Object({ secret: Name })),
            rate: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
          }),
          response: { 201: AddressSchema },
        },
      },
      async ({ body, actor }, reply) => {
        await configFile.edit(addEntry('sources', body))
        const address = sources.create(body.name, actor?.name ?? 'unknown')
        return reply.code(201).header('cache-control', 'no-store').send(shown(address, body.name))
      },
    )

    app.post(
      '/minions/:name/hooks',
      {
        config: { role: 'administrator' },
        schema: {
          summary: 'Let a minion send its webhooks here',
          description:
            'Adds a source for it and registers the hook inside the tool. Where Summoner cannot do that, `connected` is false and `steps` say what a person does.',
          tags,
          operationId: 'connectMinion',
          params: Named,
          response: {
            200: Type.Intersect([
              AddressSchema,
              Type.Object({ connected: Type.Boolean(), note: Type.Optional(Type.String()) }),
            ]),
          },
        },
      },
      async ({ params, actor }, reply) => {
        const { source, connected, address, note } = await connect(params.name, actor?.name ?? 'unknown')
        void reply.header('cache-control', 'no-store')
        return { ...shown(address, source), connected, ...(note === undefined ? {} : { note }) }
      },
    )

    app.delete(
      '/sources/:name',
      {
        config: { role: 'administrator' },
        schema: {
          summary: 'Remove a source from config.yml, and its addresses',
          tags,
          operationId: 'removeSource',
          params: Named,
          response: { 204: Type.Null({ description: 'Removed' }) },
        },
      },
      async ({ params }, reply) => {
        await configFile.edit(removeEntryOf('sources', params.name))
        sources.revoke(params.name)
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/sources/:name/tokens',
      {
        config: { role: 'administrator' },
        schema: {
          summary: 'A new address, and a new secret; the old ones end after the overlap',
          tags,
          operationId: 'rotateSource',
          params: Named,
          body: Type.Object({
            overlap: Type.Optional(
              Type.Integer({ minimum: 0, maximum: 30 * 86_400, description: 'Seconds; default a day.' }),
            ),
          }),
          response: { 201: AddressSchema },
        },
      },
      async ({ params, body, actor }, reply) => {
        const address = sources.create(params.name, actor?.name ?? 'unknown')
        sources.retireOthers(params.name, address.id, body.overlap)
        return reply.code(201).header('cache-control', 'no-store').send(shown(address, params.name))
      },
    )

    app.delete(
      '/sources/:name/tokens',
      {
        config: { role: 'administrator' },
        schema: {
          summary: 'Withdraw every address of a source, at once',
          tags,
          operationId: 'revokeSource',
          params: Named,
          response: { 200: Type.Object({ revoked: Type.Integer() }) },
        },
      },
      ({ params }) => ({ revoked: sources.revoke(sources.find(params.name).name) }),
    )

    app.delete(
      '/sources/:name/tokens/:id',
      {
        config: { role: 'administrator' },
        schema: {
          summary: 'Withdraw one address',
          tags,
          operationId: 'revokeSourceToken',
          params: Type.Object({ name: Name, id: Type.String({ maxLength: 40 }) }),
          response: { 204: Type.Null({ description: 'Withdrawn' }) },
        },
      },
      async ({ params }, reply) => {
        sources.revoke(params.name, params.id)
        return reply.code(204).send(null)
      },
    )
  }

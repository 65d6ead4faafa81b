/** HTTP for bundles: make one, fetch it, take one in. */
import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { Type } from 'typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { NAME } from '../../config/config.ts'
import { SummonerError } from '../../errors.ts'
import { JobSchema, type Job } from '../../jobs/job.ts'
import { readApplied } from '../../minions/applied.ts'
import { SET_ID } from '../set.ts'
import { BUNDLE_FILE, SUFFIX } from './bundle.ts'
import type { BundleInput } from './create-bundle.ts'
import type { BundleDeps } from './deps.ts'
import type { ImportInput } from './import-bundle.ts'
import { peekBundle } from './read-bundle.ts'

interface RouteDeps extends BundleDeps {
  /** Characters that can be told apart on paper. */
  readable(length: number): string
  submit(kind: string, input: object, job: { minion?: string; actor: string; password: string }): Job
  /** `bundle.unknown` when there is none. */
  pathOf(file: string): string
}

const tags = ['backups']
const OneFile = Type.Object({ file: Type.String({ pattern: BUNDLE_FILE }) })
const administrator = { role: 'administrator' } as const

export const bundlesRoutes =
  (deps: RouteDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/minions/:name/bundle',
      {
        config: administrator,
        schema: {
          operationId: 'createBundle',
          summary: 'Pack a minion into one portable file; its password is told here and nowhere else',
          tags,
          params: Type.Object({ name: Type.String({ pattern: NAME }) }),
          body: Type.Union([
            Type.Object(
              {
                set: Type.Optional(Type.String({ pattern: SET_ID, description: 'default: one of now' })),
                images: Type.Optional(
                  Type.Boolean({ description: 'its images too, for a machine that reaches no registry' }),
                ),
              },
              { additionalProperties: false },
            ),
            Type.Null(),
          ]),
          response: { 202: Type.Object({ job: JobSchema, password: Type.String() }) },
        },
      },
      async (request, reply) => {
        const { name: minion } = request.params
        const set = request.body?.set
        if (set === undefined && !readApplied(deps.dirs.records, minion))
          throw new SummonerError('minion.unknown', `There is no minion called ${minion}.`)
        if (set !== undefined && deps.sets.restorable(set).minion !== minion)
          throw new SummonerError('set.unknown', `${set} is not a set of ${minion}.`)
        const password = Array.from({ length: 5 }, () => deps.readable(5)).join('-')
        const input: Omit<BundleInput, 'work'> = {
          minion,
          ...(set === undefined ? {} : { set }),
          ...(request.body?.images ? { images: true } : {}),
        }
        const actor = request.actor?.name ?? 'unknown'
        const job = deps.submit('bundle', input, { minion, actor, password })
        reply.header('location', `/api/v1/jobs/${job.id}`).header('cache-control', 'no-store')
        return reply.code(202).send({ job, password })
      },
    )

    app.get(
      '/bundles',
      {
        config: administrator,
        schema: {
          operationId: 'listBundles',
          summary: 'Bundles on this server, newest first',
          tags,
          response: {
            200: Type.Object({
              bundles: Type.Array(
                Type.Object({
                  file: Type.String(),
                  path: Type.String(),
                  bytes: Type.Integer(),
                  at: Type.String(),
                }),
              ),
            }),
          },
        },
      },
      async () => {
        const files = (await readdir(deps.folder)).filter((file) => file.endsWith(SUFFIX))
        const bundles = await Promise.all(
          files.map(async (file) => {
            const path = join(deps.folder, file)
            const { size: bytes, mtime } = await stat(path)
            return { file, path, bytes, at: mtime.toISOString() }
          }),
        )
        return { bundles: bundles.sort((a, b) => b.at.localeCompare(a.at)) }
      },
    )

    app.get(
      '/bundles/:file/download',
      {
        config: { ...administrator, audited: true },
        schema: {
          operationId: 'downloadBundle',
          summary: 'The file itself',
          tags,
          params: OneFile,
          response: {
            200: {
              description: 'A tar of an encrypted repository, compressed by zstd',
              content: { 'application/zstd': { schema: Type.String() } },
            },
          },
        },
      },
      async (request, reply) => {
        const path = deps.pathOf(request.params.file)
        return reply
          .type('application/zstd')
          .header('content-length', (await stat(path)).size)
          .header('content-disposition', `attachment; filename="${request.params.file}"`)
          .header('cache-control', 'no-store')
          .send(createReadStream(path) as never)
      },
    )

    app.delete(
      '/bundles/:file',
      {
        config: administrator,
        schema: {
          operationId: 'removeBundle',
          summary: 'Delete a bundle',
          tags,
          params: OneFile,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await rm(deps.pathOf(request.params.file))
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/bundles/import',
      {
        config: administrator,
        schema: {
          operationId: 'importBundle',
          summary: 'Make a set of this box of a bundle; restore it then as any other',
          tags,
          body: Type.Object(
            {
              path: Type.String({ maxLength: 4096, description: 'absolute, of a file of this server' }),
              password: Type.String({ minLength: 1, maxLength: 256 }),
            },
            { additionalProperties: false },
          ),
          response: { 202: Type.Object({ job: JobSchema, set: Type.String(), minion: Type.String() }) },
        },
      },
      async (request, reply) => {
        const { path, password } = request.body
        const info = isAbsolute(path) ? await stat(path).catch(() => undefined) : undefined
        if (!info?.isFile()) throw new SummonerError('bundle.unknown', `${path} is no file of this server.`)
        const { set, minion } = await peekBundle(path)
        const input: Omit<ImportInput, 'work'> = { path, set, minion }
        const job = deps.submit('import-bundle', input, {
          actor: request.actor?.name ?? 'unknown',
          password: password.trim(),
        })
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job, set, minion })
      },
    )
  }

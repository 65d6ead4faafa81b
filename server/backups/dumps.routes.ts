/** HTTP of dumps: take, list, look at, download, restore, remove. */
import { createReadStream } from 'node:fs'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { NAME } from '../config/config.ts'
import { SummonerError } from '../errors.ts'
import { JobSchema, type Jobs } from '../jobs/job.ts'
import { readLabel } from './dump-file.ts'
import { DumpRecordSchema, FILE_NAME } from './dump.ts'
import type { Dumps } from './dumps.ts'

interface RoutesDeps {
  dumps: Dumps
  jobs: Jobs
}

const Name = Type.Object({ name: Type.String({ pattern: NAME }) })
const File = Type.String({ pattern: FILE_NAME })
const OneDump = Type.Object({ minion: Type.String({ pattern: NAME }), file: File })
const JobAnswer = Type.Object({ job: JobSchema })
const tags = ['backups']

export const dumpsRoutes =
  ({ dumps, jobs }: RoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    const submit = (kind: string, minion: string, input: object, actor = 'unknown') =>
      jobs.submit({ kind, minion, input: { minion, ...input }, actor })

    app.post(
      '/minions/:name/dump',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'dumpMinion',
          summary: 'Dump every database of a minion while it runs',
          tags,
          params: Name,
          response: { 202: JobAnswer },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        if (dumps.declared(name) === 0)
          throw new SummonerError('dump.none', `The template of ${name} declares no database.`)
        const job = submit('dump', name, {}, request.actor?.name)
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )

    app.post(
      '/minions/:name/restore-dump',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'restoreDump',
          summary: 'Put a dump in the place of the database; what is there is dumped first',
          tags,
          params: Name,
          body: Type.Object({ file: File }, { additionalProperties: false }),
          response: { 202: JobAnswer },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        await readLabel(await dumps.path(name, request.body.file))
        const job = submit('restore-dump', name, { file: request.body.file }, request.actor?.name)
        return reply.code(202).header('location', `/api/v1/jobs/${job.id}`).send({ job })
      },
    )

    app.get(
      '/dumps',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listDumps',
          summary: 'The dumps on this server, newest first',
          tags,
          querystring: Type.Object(
            { minion: Type.Optional(Type.String({ pattern: NAME })) },
            { additionalProperties: false },
          ),
          response: {
            200: Type.Object({
              dumps: Type.Array(DumpRecordSchema),
              damaged: Type.Array(
                Type.Object({ minion: Type.String(), file: Type.String(), why: Type.String() }),
              ),
            }),
          },
        },
      },
      (request) => dumps.list(request.query.minion),
    )

    app.get(
      '/dumps/:minion/:file',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getDump',
          summary: 'One dump, with the command line that restores it by hand',
          tags,
          params: OneDump,
          response: {
            200: Type.Object({
              dump: DumpRecordSchema,
              path: Type.String(),
              /** Absent while the database does not run. */
              byHand: Type.Optional(Type.String()),
            }),
          },
        },
      },
      async (request) => {
        const { minion, file } = request.params
        const path = await dumps.path(minion, file)
        const dump = await readLabel(path)
        const byHand = await dumps.byHand(minion, path).catch(() => undefined)
        return { dump, path, ...(byHand === undefined ? {} : { byHand }) }
      },
    )

    app.get(
      '/dumps/:minion/:file/download',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'downloadDump',
          summary: 'The file itself',
          tags,
          params: OneDump,
          response: {
            200: {
              description: 'The dump, compressed by zstd',
              content: { 'application/zstd': { schema: Type.String() } },
            },
          },
        },
      },
      async (request, reply) => {
        const { minion, file } = request.params
        const path = await dumps.path(minion, file)
        const { bytes } = await readLabel(path)
        return reply
          .type('application/zstd')
          .header('content-length', bytes)
          .header('content-disposition', `attachment; filename="${file}"`)
          .header('cache-control', 'no-store')
          .send(createReadStream(path) as never)
      },
    )

    app.delete(
      '/dumps/:minion/:file',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'removeDump',
          summary: 'Delete a dump',
          tags,
          params: OneDump,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await dumps.remove(request.params.minion, request.params.file)
        return reply.code(204).send(null)
      },
    )
  }

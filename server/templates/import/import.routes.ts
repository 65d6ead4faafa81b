/** HTTP for imports: what would come of it, or the template itself. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { SummonerError, type Problem } from '../../errors.ts'
import { createTemplate } from './create-template.ts'
import { scaffold } from '../scaffold.ts'
import { nameProblem } from './name.ts'
import { Type } from 'typebox'
import { NAME } from '../../config/config.ts'
import { importFiles } from './import-files.ts'
import { ImportBodySchema, ImportReportSchema, type ImportReport } from './report.ts'

export interface ImportDeps {
  minionsDir: string
  catalog: { reload(): void }
}

/** A folder of sources is larger than any other request. */
const BODY_LIMIT = 16 * 1024 * 1024

export const importRoutes =
  ({ minionsDir, catalog }: ImportDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/templates/import',
      {
        // Whoever writes a template decides what runs here.
        config: { role: 'administrator' },
        bodyLimit: BODY_LIMIT,
        schema: {
          operationId: 'importTemplate',
          summary: 'Make a template from a compose file, a folder or a docker run line',
          description: 'With `dryRun` the report comes back whatever it says, and nothing is written.',
          tags: ['templates'],
          body: ImportBodySchema,
          response: { 200: ImportReportSchema, 201: ImportReportSchema },
        },
      },
      async ({ body }, reply) => {
        const { files, entry, run, name, answers = {}, grants = [], dryRun = false } = body
        const taken = namesIn(minionsDir)
        const distros = namesIn(join(minionsDir, '.distro'))
        const report = importFiles({ files, entry, run, name, answers, grants, taken, distros })
        if (dryRun) return reply.code(200).send(report)
        refuseUnlessOk(report)
        createTemplate(minionsDir, report)
        catalog.reload()
        return reply.code(201).header('location', `/api/v1/templates/${report.name}`).send(report)
      },
    )

    app.post(
      '/templates',
      {
        config: { role: 'administrator' },
        schema: {
          operationId: 'newTemplate',
          summary: 'A first template to start from: two files that pass the check',
          tags: ['templates'],
          body: Type.Object(
            {
              name: Type.String({ pattern: NAME, maxLength: 40 }),
              image: Type.Optional(Type.String({ maxLength: 255, description: 'repository:tag' })),
              port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
              database: Type.Optional(Type.Enum(['postgres', 'mariadb'])),
            },
            { additionalProperties: false },
          ),
          response: { 201: Type.Object({ name: Type.String(), files: Type.Array(Type.String()) }) },
        },
      },
      async ({ body }, reply) => {
        const problem = nameProblem(body.name, namesIn(minionsDir))
        if (problem) throw new SummonerError('import.question', problem, { hint: 'Choose another name.' })
        const files = scaffold(body)
        createTemplate(minionsDir, { name: body.name, files })
        catalog.reload()
        return reply
          .code(201)
          .header('location', `/api/v1/templates/${body.name}`)
          .send({ name: body.name, files: Object.keys(files) })
      },
    )
  }

/** Every place is in `errors`, refusals first: answering questions is of no use while something is refused. */
export function refuseUnlessOk(report: ImportReport): void {
  if (report.ok) return
  const place = ({ path, line, column }: { path: string; line?: number; column?: number }) => ({
    path,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  })
  const open = report.questions.filter((question) => question.default === undefined)
  const errors: NonNullable<Problem['errors']> = [
    ...report.refusals.map((refusal) => ({
      detail: `${refusal.what}. ${refusal.why}`,
      hint: refusal.advice,
      ...place(refusal),
    })),
    ...open.map((question) => ({
      detail: question.text,
      hint: `Answer with --answer ${question.id}=${question.options?.[0] ?? '…'}.`,
      ...place(question),
    })),
  ]
  const { detail = '', path, line, column } = errors[0] ?? {}
  throw new SummonerError(report.refusals.length > 0 ? 'import.refused' : 'import.question', detail, {
    at:
      path === undefined
        ? {}
        : place({
            path,
            ...(line === undefined ? {} : { line }),
            ...(column === undefined ? {} : { column }),
          }),
    errors,
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

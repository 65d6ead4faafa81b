/** HTTP for templates: what there is, one in full with its form, and what a check says. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { NAME } from '../config/config.ts'
import type { TemplateCatalog } from './catalog.ts'
import { formOf } from './inputs.ts'
import { lintCompose } from './lint-compose.ts'
import { lintTemplate, type LintFinding } from './lint.ts'
import { applicationService } from './names.ts'
import type { Template } from './template.ts'

const Text = Type.Object({ en: Type.String(), fr: Type.String() })
export const RowSchema = Type.Object({
  name: Type.String(),
  summary: Type.Optional(Text),
  category: Type.Optional(Type.String()),
  version: Type.Optional(
    Type.String({ description: 'of the application’s own image, where the box takes images from' }),
  ),
  distribution: Type.Optional(
    Type.Boolean({ description: 'every image can be built from the distribution’s packages' }),
  ),
  memory: Type.Optional(Type.Integer({ description: 'MiB that it may use' })),
  disk: Type.Optional(Type.Integer({ description: 'MiB for images and first data' })),
  problem: Type.Optional(Type.String({ description: 'why it cannot be summoned' })),
})
export type TemplateRow = Static<typeof RowSchema>
const FindingSchema = Type.Object({
  detail: Type.String(),
  hint: Type.Optional(Type.String()),
  path: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer()),
  column: Type.Optional(Type.Integer()),
  rule: Type.String(),
  level: Type.Enum(['error', 'warning']),
})
const Name = Type.Object({ name: Type.String({ pattern: NAME, maxLength: 40 }) })
const tags = ['templates']

interface TemplatesRoutesDeps {
  catalog: TemplateCatalog
  /** Where the box takes images from: a version that is built here is another than the registry's. */
  images(): 'auto' | 'registry' | 'distro'
}

export const templatesRoutes =
  ({ catalog, images }: TemplatesRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/templates',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listTemplates',
          summary: 'Every template, the broken ones with their problem',
          tags,
          response: { 200: Type.Object({ templates: Type.Array(RowSchema) }) },
        },
      },
      async () => {
        const rows = [...catalog.list().map((template) => rowOf(template, images())), ...catalog.broken()]
        return { templates: rows.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
      },
    )

    app.get(
      '/templates/:name',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'getTemplate',
          summary: 'One template: its description, and its inputs as a form (JSON Schema)',
          tags,
          params: Name,
          response: {
            200: Type.Object({
              name: Type.String(),
              hash: Type.String(),
              services: Type.Array(Type.String()),
              description: Type.Unknown({
                description: 'minion.yml; its JSON Schema is docs/schema/minion.schema.json',
              }),
              form: Type.Unknown({ description: 'JSON Schema of `env`' }),
            }),
          },
        },
      },
      async ({ params }) => {
        const { name, hash, description, compose } = catalog.get(params.name)
        return { name, hash, services: Object.keys(compose.services), description, form: formOf(description) }
      },
    )

    app.get(
      '/templates/:name/check',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'checkTemplate',
          summary: 'What is wrong with a template, and what could be better',
          tags,
          params: Name,
          response: { 200: Type.Object({ ok: Type.Boolean(), findings: Type.Array(FindingSchema) }) },
        },
      },
      async ({ params: { name } }) => {
        catalog.reload()
        const invalid = catalog.findings(name)
        if (invalid.length > 0) {
          const level = 'error' as const
          return { ok: false, findings: invalid.map((finding) => ({ ...finding, rule: 'format', level })) }
        }
        return reportOf(lintTemplate(catalog.get(name)))
      },
    )

    app.post(
      '/templates/check',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'checkComposeFile',
          summary: 'What is wrong with a compose file that is not a template (yet)',
          tags,
          body: Type.Object(
            {
              compose: Type.String({ maxLength: 1024 * 1024 }),
              path: Type.Optional(Type.String({ maxLength: 4096 })),
              env: Type.Optional(
                Type.Record(Type.String(), Type.String(), { description: 'what its .env sets' }),
              ),
            },
            { additionalProperties: false },
          ),
          response: { 200: Type.Object({ ok: Type.Boolean(), findings: Type.Array(FindingSchema) }) },
        },
      },
      async ({ body: { compose, path = 'compose.yml', env = {} } }) =>
        reportOf(lintCompose(compose, path, env)),
    )
  }

function reportOf(found: readonly LintFinding[]) {
  const findings = found.map(({ message, advice, severity, ...finding }) => ({
    ...finding,
    detail: message,
    hint: advice,
    level: severity,
  }))
  return { ok: findings.every(({ level }) => level !== 'error'), findings }
}

function rowOf(template: Template, images: ReturnType<TemplatesRoutesDeps['images']>) {
  const { name, description, compose } = template
  const image = description.images[applicationService(template)]
  const version = (images === 'distro' ? image?.distro?.version : undefined) ?? image?.tag
  const distribution = Object.keys(compose.services).every((service) => description.images[service]?.distro)
  return {
    name,
    summary: description.summary,
    category: description.category,
    ...(version === undefined ? {} : { version }),
    distribution,
    memory: description.resources.memory,
    disk: description.resources.disk,
  }
}

/** The API describes itself: OpenAPI 3.1 and a reference page, both public, since the source is. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import { ProblemSchema } from './problem.ts'
import { closed } from './validation.ts'

export const API = '/api/v1'
const DOCS = `${API}/docs`

/** What every route gets without saying so: strict input, the problem answer, its role in the document. */
export function completeRoute(route: RouteOptions): void {
  // The reference page registers its own routes; they know nothing of roles.
  if (route.url === DOCS || route.url.startsWith(`${DOCS}/`)) {
    route.config = { ...route.config, role: 'public' }
    return
  }
  const schema: FastifySchema = { ...route.schema }
  for (const part of ['body', 'querystring', 'params'] as const)
    if (schema[part] !== undefined) schema[part] = closed(schema[part])
  if (!schema.hide) {
    const role = route.config?.role
    schema.security = role === 'public' ? [] : [{ token: [] }]
    if (role !== 'public')
      schema.description = [schema.description, `Role: ${role}.`].filter(Boolean).join(' ')
    const problem = { 'application/problem+json': { schema: ProblemSchema } }
    schema.response = {
      ...(schema.response as object),
      default: { description: 'Problem', content: problem },
    }
  }
  route.schema = schema
}

export async function addOpenapi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Summoner', version, description: 'One bare server, a team’s whole toolkit.' },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token made by `summoner token create`.' },
        },
      },
      security: [{ token: [] }],
    },
  })
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    staticCSP: true,
    // Plain HTTP inside a company is fine; and nothing is fetched from, or sent to, anybody else.
    transformStaticCSP: (header) =>
      header.replaceAll(/ ?upgrade-insecure-requests;| validator\.swagger\.io| https:/g, ''),
    uiConfig: { validatorUrl: null, deepLinking: true },
  })
}

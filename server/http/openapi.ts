/** The API describes itself: OpenAPI 3.1 and a reference page, both public, since the source is. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import { http } from '../node-http.ts'
import { ProblemSchema } from './problem.ts'
import type { Role } from './roles.ts'
import { closed } from './validation.ts'

export const API = '/api/v1'
const DOCS = `${API}/docs`

/** What every route gets without saying so: strict input. */
export function completeRoute(route: RouteOptions): void {
  // The reference page registers its own routes; they know nothing of roles.
  if (route.url === DOCS || route.url.startsWith(`${DOCS}/`)) {
    route.config = { ...route.config, role: 'public' }
    return
  }
  if (!route.schema) return
  const schema: FastifySchema = { ...route.schema }
  for (const part of ['body', 'querystring', 'params'] as const)
    if (schema[part] !== undefined) schema[part] = closed(schema[part])
  route.schema = schema
}

/** What the document says beside: the role, what a status means, the problem answer. None of it is compiled. */
function described(schema: FastifySchema, role: Role | 'public' | undefined): FastifySchema {
  if (schema.hide) return schema
  const response: Record<string, unknown> = {}
  for (const [status, answer] of Object.entries((schema.response ?? {}) as Record<string, object>))
    response[status] = { 'x-response-description': http.STATUS_CODES[status] ?? 'Done', ...answer }
  response['default'] = {
    description: 'A problem: see `code`, `detail` and `hint`',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  if (role === 'public') return { ...schema, security: [], response }
  const description = [schema.description, `Role: ${role}.`].filter(Boolean).join(' ')
  return { ...schema, description, response }
}

export async function addOpenapi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Summoner', version, description: 'One bare server, a team’s whole toolkit.' },
      components: {
        schemas: { Problem: ProblemSchema as object },
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token made by `summoner token create`.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-summoner',
            description: 'Of a browser that signed in; it counts only where the page of this box asks.',
          },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: ({ schema, url, route }) => ({ schema: described(schema, route.config?.role), url }),
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

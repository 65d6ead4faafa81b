/** Tries every declared route with every kind of wrong credential; for the tests of any composed application. */
import type { FastifyInstance } from 'fastify'
import { ROLES, type Role } from './roles.ts'
import { createSerializerCompiler } from './serialization.ts'
import { createValidatorCompiler } from './validation.ts'

export interface WalkCredentials {
  expired: string
  /** A good token of each role that is too low for something. */
  viewer: string
  operator: string
  /** Cookies of sessions, where browsers sign in. */
  cookies?: { ended: string; viewer: string; operator: string; administrator: string; origin: string }
}

type Attempt = [name: string, headers: Record<string, string>, expected: number]

export interface Walk {
  /** Answers looked at. */
  tried: number
  /** Whatever was not refused as it should be; empty when all is well. */
  wrong: string[]
}

export interface DeclaredRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  role: Role | 'public'
}

export function declaredRoutes(app: Pick<FastifyInstance, 'declaredRoutes'>): DeclaredRoute[] {
  return app.declaredRoutes.flatMap((route) =>
    [route.method].flat().map((method) => ({
      method: method as DeclaredRoute['method'],
      url: route.url,
      role: route.config?.role ?? 'administrator',
    })),
  )
}

export async function walkRoutes(
  app: Pick<FastifyInstance, 'declaredRoutes' | 'inject'>,
  credentials: WalkCredentials,
): Promise<Walk> {
  const walk: Walk = { tried: 0, wrong: [] }
  const bad: Record<string, string | undefined> = {
    'no credential': undefined,
    'another scheme': 'Basic cm9vdDpyb290',
    'a bad token': `Bearer sum_aaaaaaaaaa_${'A'.repeat(43)}`,
    'no token at all': 'Bearer ',
    'an expired token': `Bearer ${credentials.expired}`,
  }
  for (const route of declaredRoutes(app)) {
    if (route.role === 'public') continue
    const tooLow = ROLES.slice(0, ROLES.indexOf(route.role)) as ('viewer' | 'operator')[]
    const attempts: Attempt[] = [
      ...Object.entries(bad).map(([name, value]): Attempt => [
        name,
        value === undefined ? {} : { authorization: value },
        401,
      ]),
      ...tooLow.map((role): Attempt => [
        `a ${role}'s token`,
        { authorization: `Bearer ${credentials[role]}` },
        403,
      ]),
      ...withCookies(route, tooLow, credentials.cookies),
    ]
    for (const [name, headers, expected] of attempts) {
      walk.tried++
      const { statusCode } = await app.inject({
        method: route.method,
        url: route.url.replaceAll(/:\w+(?:\([^)]*\))?/g, 'x').replace('*', 'x'),
        headers: {
          // Every attempt from its own address, so that the limit on guesses does not answer first.
          'x-forwarded-for': `10.${walk.tried >> 16}.${(walk.tried >> 8) & 255}.${walk.tried & 255}`,
          ...headers,
        },
      })
      if (statusCode !== expected)
        walk.wrong.push(`${route.method} ${route.url} with ${name}: ${statusCode}, not ${expected}`)
    }
  }
  return walk
}

function withCookies(
  { method }: DeclaredRoute,
  tooLow: readonly ('viewer' | 'operator')[],
  cookies: WalkCredentials['cookies'],
): Attempt[] {
  if (!cookies) return []
  const { origin } = cookies
  const secure = { 'x-forwarded-proto': 'https' }
  const page = { ...secure, origin, 'sec-fetch-site': 'same-origin' }
  // a change from elsewhere is refused as such; what is only read from there is read as by a stranger
  const elsewhere = method === 'GET' ? 401 : 403
  const all = { cookie: cookies.administrator }
  return [
    ['an ended session', { ...page, cookie: cookies.ended }, 401],
    ...tooLow.map((role): Attempt => [`a ${role}'s session`, { ...page, cookie: cookies[role] }, 403]),
    [
      'a neighbour’s page and an administrator’s session',
      {
        ...secure,
        ...all,
        origin: origin.replace('//summoner.', '//cloud.'),
        'sec-fetch-site': 'same-site',
      },
      elsewhere,
    ],
    [
      'another site’s page and an administrator’s session',
      { ...secure, ...all, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      elsewhere,
    ],
    ['a sandboxed page and an administrator’s session', { ...secure, ...all, origin: 'null' }, elsewhere],
    ['an administrator’s session over plain HTTP', { ...all, origin }, 401],
  ]
}

/** Routes that the OpenAPI document cannot describe fully. */
export function undocumentedRoutes(app: Pick<FastifyInstance, 'declaredRoutes'>): string[] {
  const seen = new Set<string>()
  return app.declaredRoutes.flatMap((route) => {
    const { schema } = route
    if (route.url.startsWith('/api/v1/docs') || schema?.hide) return []
    const name = `${String(route.method)} ${route.url}`
    const success = Object.keys((schema?.response as object | undefined) ?? {}).some((status) =>
      /^[23]/.test(status),
    )
    const params = route.url.includes(':') && schema?.params === undefined
    const id = schema?.operationId
    const gaps = [
      ...(schema?.summary ? [] : ['summary']),
      ...(schema?.tags?.length ? [] : ['tags']),
      ...(id && !seen.has(id) ? [] : ['an operationId of its own']),
      ...(success ? [] : ['a success response']),
      ...(params ? ['params'] : []),
    ]
    if (id) seen.add(id)
    return gaps.length > 0 ? [`${name} lacks ${gaps.join(', ')}`] : []
  })
}

/** Schemas that cannot be turned into code; a running daemon would notice at the first request only. */
export function uncompiledRoutes(app: Pick<FastifyInstance, 'declaredRoutes'>): string[] {
  const [validator, serializer] = [
    createValidatorCompiler({ atOnce: true }),
    createSerializerCompiler({ atOnce: true }),
  ]
  return app.declaredRoutes.flatMap(({ method, url, schema = {} }) => {
    const place = { method: String(method), url }
    const parts = (['body', 'querystring', 'params', 'headers'] as const).flatMap((httpPart) =>
      schema[httpPart] === undefined
        ? []
        : [() => validator({ ...place, schema: schema[httpPart], httpPart })],
    )
    const answers = Object.entries((schema.response ?? {}) as Record<string, { content?: object }>).flatMap(
      ([httpStatus, answer]) =>
        answer.content === undefined ? [() => serializer({ ...place, schema: answer, httpStatus })] : [],
    )
    return [...parts, ...answers].flatMap((compile) => {
      try {
        compile()
        return []
      } catch (error) {
        return [`${place.method} ${url}: ${error instanceof Error ? error.message : String(error)}`]
      }
    })
  })
}

/** What a person may ask of the hosts of one application or site: `proxy:` in config.yml, and in minion.yml without passwords. */
import { Type, type Static } from 'typebox'
import { NAME } from './config.ts'
import { MinionTls } from './tls-schema.ts'

const CLOSED = { additionalProperties: false } as const

const Range = Type.String({
  maxLength: 64,
  pattern: '^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$',
  description: 'an address or a subnet like 192.0.2.0/24',
})
const Method = Type.Unsafe<'redirect' | 'noredirect' | 'nohttp' | 'nohttps'>(
  Type.Union(['redirect', 'noredirect', 'nohttp', 'nohttps'].map((word) => Type.Literal(word))),
)

/** What a template may say too. */
const Shared = {
  https: Type.Optional(Method),
  allow: Type.Optional(
    Type.Array(Range, { maxItems: 500, description: 'only these; everybody else gets 403' }),
  ),
  deny: Type.Optional(Type.Array(Range, { maxItems: 500, description: 'never these' })),
  rate: Type.Optional(
    Type.String({
      pattern: '^[1-9][0-9]{0,4}/[sm]$',
      description: 'requests of one address per second or minute, like 10/s or 300/m',
    }),
  ),
  burst: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 10_000,
      description: 'requests above the rate that are let through at once',
    }),
  ),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,63}$' }),
      Type.String({ minLength: 1, maxLength: 2000 }),
      { ...CLOSED, description: 'set on every answer, whatever the application says' },
    ),
  ),
  max_body: Type.Optional(
    Type.String({
      pattern: '^(0|[1-9][0-9]{0,8}[kmg])$',
      description: 'a size like 64m or 10g, or 0 for no limit',
    }),
  ),
  timeout: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400, description: 'seconds' })),
  websocket: Type.Optional(Type.Boolean()),
  buffering: Type.Optional(Type.Boolean()),
  compression: Type.Optional(Type.Boolean({ description: 'default true' })),
  http3: Type.Optional(Type.Boolean({ description: 'default false; needs UDP on the HTTPS port' })),
  snippet: Type.Optional(
    Type.String({ maxLength: 8192, description: "nginx directives for the host's server block" }),
  ),
}

/** `proxy:` of the whole box. */
export const BoxProxySchema = Type.Object(
  {
    trusted: Type.Optional(
      Type.Array(Range, { maxItems: 500, description: 'addresses of proxies in front of this one' }),
    ),
  },
  CLOSED,
)
export type BoxProxy = Static<typeof BoxProxySchema>

export const TemplateProxySchema = Type.Object(Shared, CLOSED)

export const ProxyOptionsSchema = Type.Object(
  {
    ...Shared,
    auth: Type.Optional(
      Type.Array(
        Type.Object(
          {
            user: Type.String({
              pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$',
              description: 'a user: letters, digits, dots, @, underscores and hyphens, at most 64',
            }),
            password: Type.Object(
              { secret: Type.String({ pattern: NAME, description: 'the name of a secret' }) },
              {
                ...CLOSED,
                description:
                  'a reference {secret: NAME}; the value itself is given with `summoner secret set NAME`',
              },
            ),
          },
          CLOSED,
        ),
        { maxItems: 200, description: 'who may enter, with a password' },
      ),
    ),
    redirect_from: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 253, description: 'a host name' }), {
        maxItems: 100,
        description: 'hosts that lead here, such as www. or an old domain',
      }),
    ),
    static: Type.Optional(
      Type.Record(Type.String({ pattern: '^/' }), Type.String({ minLength: 1, maxLength: 1000 }), {
        ...CLOSED,
        description: 'paths that begin with /, each with a file or folder below data/proxy/static',
      }),
    ),
  },
  CLOSED,
)
export type ProxyOptions = Static<typeof ProxyOptionsSchema>

/** A host of this box whose service runs outside Docker, or that leads elsewhere. */
export const SiteSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253, description: 'a host name, or *.example.org' }),
    upstream: Type.Optional(
      Type.String({
        maxLength: 200,
        pattern:
          '^((https?|uwsgi|fastcgi)://([0-9.]{7,15}|\\[[0-9a-f:]{2,39}\\]):[1-9][0-9]{0,4}|unix:[a-z0-9][a-z0-9._-]{0,63}\\.sock)$',
        description: 'an address like http://127.0.0.1:3000, or unix:NAME.sock for a socket in data/run/web',
      }),
    ),
    redirect: Type.Optional(Type.String({ minLength: 1, maxLength: 253, description: 'a host name' })),
    proxy: Type.Optional(ProxyOptionsSchema),
    tls: Type.Optional(MinionTls),
  },
  CLOSED,
)
export type Site = Static<typeof SiteSchema>

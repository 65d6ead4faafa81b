/** HTTP of the hosts: who owns each, where it leads, and what its certificate is. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import type { Publisher, VhostState } from './publish.ts'
import type { VhostOptions } from './vhost.ts'

const VHOST_STATES = [
  'serving',
  'redirect',
  'starting',
  'stopped',
  'failed',
  'unreachable',
  'rejected',
] as const

const VhostView = Type.Object({
  host: Type.String(),
  owner: Type.String({ description: '`minion:<name>`, `container:<name>`, `site` or `box`' }),
  state: Type.Enum(VHOST_STATES),
  reason: Type.Optional(Type.String({ description: 'why it is not served' })),
  upstreams: Type.Array(Type.String()),
  to: Type.Optional(Type.String({ description: 'where a redirect leads' })),
  paths: Type.Optional(
    Type.Array(Type.Object({ path: Type.String(), upstreams: Type.Array(Type.String()) }), {
      description: 'paths that lead elsewhere than the rest of the host',
    }),
  ),
  options: Type.Optional(
    Type.Object(
      {
        https: Type.Optional(Type.Enum(['redirect', 'noredirect', 'nohttp', 'nohttps'])),
        users: Type.Optional(Type.Array(Type.String(), { description: 'who may enter with a password' })),
        allow: Type.Optional(Type.Array(Type.String())),
        deny: Type.Optional(Type.Array(Type.String())),
        rate: Type.Optional(
          Type.Object({
            requests: Type.Integer(),
            per: Type.Enum(['second', 'minute']),
            burst: Type.Integer(),
          }),
        ),
        headers: Type.Optional(Type.Record(Type.String(), Type.String())),
        static: Type.Optional(Type.Record(Type.String(), Type.String())),
        snippet: Type.Optional(Type.String()),
        compression: Type.Optional(Type.Boolean()),
        http3: Type.Optional(Type.Boolean()),
      },
      { description: 'what differs from the defaults' },
    ),
  ),
  tls: Type.Optional(
    Type.Object({
      issuer: Type.String(),
      notAfter: Type.String(),
      publiclyTrusted: Type.Boolean(),
      source: Type.Optional(
        Type.String({
          description: 'The ACME directory it came from, or files; absent for the internal root',
        }),
      ),
    }),
  ),
})
export type VhostView = Static<typeof VhostView>

interface VhostsRoutesDeps {
  publisher: Pick<Publisher, 'states'>
}

export const vhostsRoutes =
  ({ publisher }: VhostsRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/vhosts',
      {
        config: { role: 'viewer' },
        schema: {
          summary: 'Hosts that the proxy serves',
          tags: ['proxy'],
          operationId: 'listVhosts',
          response: { 200: Type.Object({ vhosts: Type.Array(VhostView) }) },
        },
      },
      async () => ({ vhosts: publisher.states().map(viewVhost) }),
    )
  }

function viewVhost({ vhost, rejected, certificate }: VhostState): VhostView {
  const { host, owner, serve, options } = vhost
  const state = serve.kind === 'page' ? serve.reason : serve.kind === 'redirect' ? 'redirect' : 'serving'
  return {
    host,
    owner,
    state: rejected === undefined ? state : 'rejected',
    ...(rejected === undefined ? {} : { reason: rejected }),
    upstreams: serve.kind === 'upstream' ? serve.servers : [],
    ...(serve.kind === 'redirect' ? { to: serve.to } : {}),
    ...(serve.kind === 'upstream' && serve.paths.length > 0
      ? { paths: serve.paths.map(({ path, servers }) => ({ path, upstreams: servers })) }
      : {}),
    ...(options ? { options: viewOptions(options) } : {}),
    ...(certificate
      ? {
          tls: {
            issuer: certificate.issuer,
            notAfter: certificate.notAfter,
            publiclyTrusted: certificate.publiclyTrusted,
            ...(certificate.source === undefined ? {} : { source: certificate.source }),
          },
        }
      : {}),
  }
}

/** Users by name: a hash is for nginx alone. */
function viewOptions({ users, ...options }: VhostOptions): NonNullable<VhostView['options']> {
  return users ? { ...options, users: users.map(({ name }) => name) } : options
}

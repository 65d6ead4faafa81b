/** The named upstreams of a vhost: one for the whole host, one per path. */
import type { Target, Vhost } from './vhost.ts'

interface NamedTarget extends Target {
  path: string
  /** Name of its upstream block. */
  name: string
  /** uwsgi or FastCGI: no HTTP request is made, so no header is set. */
  gateway: boolean
}

/** The target of `/` first, then the paths. */
export function upstreamNames(
  serve: Extract<Vhost['serve'], { kind: 'upstream' }>,
  host: string,
): NamedTarget[] {
  const stem = host.replace('*', '_')
  const isGateway = ({ protocol = serve.protocol }: Target) => protocol === 'uwsgi' || protocol === 'fastcgi'
  const { servers, protocol, dest, root } = serve
  const whole: Target = { servers, protocol, ...(dest ? { dest } : {}), ...(root ? { root } : {}) }
  return [
    { ...whole, path: '/', name: `up.${stem}`, gateway: isGateway(whole) },
    ...serve.paths.map((target, index) => ({
      ...target,
      name: `path${index}.${stem}`,
      gateway: isGateway(target),
    })),
  ]
}

export function upstreamBlocks({ serve }: Vhost, host: string): string {
  if (serve.kind !== 'upstream') return ''
  return upstreamNames(serve, host)
    .filter(({ servers }) => servers.length > 0)
    .map(({ name, servers }) => upstreamBlock(name, servers))
    .join('\n')
}

/**
 * One server is asked whatever happened before. Several look after each other: who fails three times in ten seconds
 * rests for ten, known to all workers.
 */
function upstreamBlock(name: string, servers: readonly string[]): string {
  const several = servers.length > 1
  const health = several ? ' max_fails=3 fail_timeout=10s' : ''
  // idle connections are dropped before any application drops them (gunicorn after 2 s, Node and Apache after 5 s):
  // a POST on a connection that closes meanwhile could not be repeated
  return `upstream ${name} {
${several ? `  zone ${name} 64k;\n` : ''}${servers.map((server) => `  server ${server}${health};`).join('\n')}
  keepalive 16;
  keepalive_timeout 1500ms;
}
`
}

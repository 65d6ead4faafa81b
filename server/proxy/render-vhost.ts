/** One vhost as nginx text; pure. One file per host, so that a change of one host rewrites one file. */
import { relative } from 'node:path'
import { SummonerError } from '../errors.ts'
import { checkVhost } from './check-vhost.ts'
import { fileStem } from './file-stem.ts'
import { checkHost } from './hosts.ts'
import { LAYOUT, type ProxyPorts } from './layout.ts'
import { type Side, location, pageLocation, proxyPass } from './render-location.ts'
import type { Vhost } from './vhost.ts'

export interface VhostContext {
  ports: ProxyPorts
  /** `data/certificates` as the daemon sees it; certificates outside of it are not visible to nginx. */
  certificatesDir: string
  /** Folder of the friendly pages as nginx sees it. */
  pages: string
  /** Short digest of certificate and key: a renewed pair under the same path is a change. */
  fingerprint?: string
}

export function renderVhost(vhost: Vhost, context: VhostContext): string {
  checkVhost(vhost)
  const host = checkHost(vhost.host)
  const { http, https } = context.ports
  const secure: Side = { secure: true, authority: https === 443 ? host : `${host}:${https}`, port: https }
  const plain: Side = { secure: false, authority: http === 80 ? host : `${host}:${http}`, port: http }
  const blocks = [upstreams(vhost, host)]
  if (vhost.tls) {
    if (vhost.plainFor?.length) blocks.push(ownSubnets(host, vhost.plainFor))
    blocks.push(
      redirectServer(vhost, host, secure, plain, context),
      secureServer(vhost, host, secure, context),
    )
  } else blocks.push(plainServer(vhost, host, plain, context))
  const digest = context.fingerprint ? `# certificate ${context.fingerprint}\n` : ''
  return `${digest}${blocks.filter((block) => block !== '').join('\n')}`
}

function upstreams({ serve }: Vhost, host: string): string {
  if (serve.kind !== 'upstream') return ''
  // idle connections are dropped before any application drops them (gunicorn after 2 s, Node and Apache after 5 s):
  // a POST on a connection that closes meanwhile could not be repeated
  const block = (name: string, servers: string[]) => `upstream ${name} {
${servers.map((server) => `  server ${server};`).join('\n')}
  keepalive 16;
  keepalive_timeout 1500ms;
}
`
  return [
    block(`up.${host}`, serve.servers),
    ...serve.paths.map(({ server }, index) => block(`path${index}.${host}`, [server])),
  ].join('\n')
}

const ownSubnets = (host: string, subnets: string[]): string => `geo ${plainVariable(host)} {
  default 0;
  127.0.0.0/8 1;
  ::1/128 1;
${subnets.map((subnet) => `  ${subnet} 1;`).join('\n')}
}
`

const plainVariable = (host: string): string => `$plain_${host.replaceAll('-', '__').replaceAll('.', '_')}`

function redirectServer(
  vhost: Vhost,
  host: string,
  secure: Side,
  plain: Side,
  context: VhostContext,
): string {
  const away = `return 301 https://${secure.authority}$request_uri;`
  const own =
    vhost.plainFor?.length && vhost.serve.kind === 'upstream'
      ? `  client_max_body_size ${vhost.serve.maxBody};
${pageLocation('unreachable', context.pages)}  location / {
    if (${plainVariable(host)} = 0) {
      ${away}
    }
${proxyPass(vhost.serve, host, `up.${host}`, plain)}  }
`
      : `  location / {
    ${away}
  }
`
  return `server {
${listen(context.ports.http, context, '')}  server_name ${host};
${accessLog(host)}${challenge()}${rootCertificate(vhost, context)}${own}}
`
}

function secureServer(vhost: Vhost, host: string, side: Side, context: VhostContext): string {
  if (!vhost.tls) return ''
  return `server {
${listen(context.ports.https, context, ' ssl')}  http2 on;
  server_name ${host};
  ssl_certificate ${inContainer(vhost.tls.certificate, context)};
  ssl_certificate_key ${inContainer(vhost.tls.key, context)};
  # a browser that typed http:// with this port
  error_page 497 =301 https://${side.authority}$request_uri;
${accessLog(host)}${headers(vhost.tls.publiclyTrusted)}${content(vhost, host, side, context)}}
`
}

const plainServer = (vhost: Vhost, host: string, side: Side, context: VhostContext): string => `server {
${listen(context.ports.http, context, '')}  server_name ${host};
${accessLog(host)}${challenge()}${rootCertificate(vhost, context)}${headers(false)}${content(vhost, host, side, context)}}
`

function content({ serve }: Vhost, host: string, side: Side, context: VhostContext): string {
  if (serve.kind === 'redirect') {
    // 307: the method stays, and no browser remembers it when the host is given to a minion later
    const port = side.authority.slice(host.length)
    const to = `${side.secure ? 'https' : 'http'}://${checkHost(serve.to)}${port}`
    return location('/', `    return 307 ${to}$request_uri;\n`)
  }
  if (serve.kind === 'page')
    return `  client_max_body_size 0;
${pageLocation(serve.reason, context.pages)}${location('/', '    return 503;\n')}`
  const paths = serve.paths.map(({ path }, index) =>
    location(path, proxyPass(serve, host, `path${index}.${host}`, side)),
  )
  return `  client_max_body_size ${serve.maxBody};
${pageLocation('unreachable', context.pages)}${paths.join('')}${location('/', proxyPass(serve, host, `up.${host}`, side))}`
}

const headers = (publiclyTrusted: boolean): string =>
  [
    '  add_header X-Content-Type-Options $summoner_nosniff always;',
    '  add_header Referrer-Policy $summoner_referrer always;',
    ...(publiclyTrusted ? ['  add_header Strict-Transport-Security $summoner_hsts always;'] : []),
    '',
  ].join('\n')

const challenge = (): string => `  location ^~ /.well-known/acme-challenge/ {
    alias ${LAYOUT.tree}/acme/;
    default_type text/plain;
  }
`

const rootCertificate = (vhost: Vhost, { pages }: VhostContext): string =>
  vhost.rootCertificate
    ? `  location = /ca.crt {
    alias ${pages}/ca.crt;
    default_type application/x-x509-ca-cert;
  }
`
    : ''

const listen = (port: number, { ports }: VhostContext, flags: string): string =>
  `  listen ${port}${flags};\n${ports.ipv6 ? `  listen [::]:${port}${flags};\n` : ''}`

const accessLog = (host: string): string =>
  `  access_log ${LAYOUT.logs}/${fileStem(host)}.access.log summoner;\n`

function inContainer(file: string, { certificatesDir }: VhostContext): string {
  const inside = relative(certificatesDir, file)
  if (inside.startsWith('..') || inside === '')
    throw new SummonerError('proxy.invalid', 'A certificate lies outside the folder that nginx can read.')
  return `${LAYOUT.certificates}/${inside}`
}

/** One vhost as nginx text; pure. One file per host, so that a change of one host rewrites one file. */
import { relative } from 'node:path'
import { SummonerError } from '../errors.ts'
import { checkVhost } from './check-vhost.ts'
import { fileStem } from './file-stem.ts'
import { checkHost, checkServerName, isWildcard } from './hosts.ts'
import { LAYOUT, type ProxyPorts } from './layout.ts'
import { type Side, location, pageLocation, pass } from './render-location.ts'
import {
  guards,
  unguarded,
  headers,
  snippet,
  staticLocations,
  withoutPassword,
  zones,
} from './render-options.ts'
import { upstreamBlocks, upstreamNames } from './render-upstream.ts'
import type { Vhost } from './vhost.ts'

export interface VhostContext {
  ports: ProxyPorts
  /** `data/certificates` as the daemon sees it; certificates outside of it are not visible to nginx. */
  certificatesDir: string
  /** Folder of the friendly pages as nginx sees it. */
  pages: string
  /** Short digest of certificate and key: a renewed pair under the same path is a change. */
  fingerprint?: string
  /** This nginx speaks HTTP/3: hosts that ask for it get it. */
  http3?: boolean
  /** Proxies in front are trusted: they may have been asked over HTTPS where they ask over HTTP. */
  fronts?: boolean
}

export function renderVhost(vhost: Vhost, context: VhostContext): string {
  checkVhost(vhost)
  const host = checkServerName(vhost.host)
  const secure = sideOf(host, true, context)
  const plain = sideOf(host, false, context)
  const { https = 'redirect' } = vhost.options ?? {}
  const blocks = [zones(vhost.options ?? {}, stemOf(host)), upstreamBlocks(vhost, host)]
  if (vhost.tls) {
    if (vhost.plainFor?.length) blocks.push(ownSubnets(host, vhost.plainFor))
    if (https === 'noredirect') blocks.push(plainServer(vhost, host, plain, context))
    else if (https === 'nohttp') blocks.push(closedServer(vhost, host, context))
    else blocks.push(redirectServer(vhost, host, secure, plain, context))
    blocks.push(secureServer(vhost, host, secure, context))
  } else blocks.push(plainServer(vhost, host, plain, context))
  const digest = context.fingerprint ? `# certificate ${context.fingerprint}\n` : ''
  return `${digest}${blocks.filter((block) => block !== '').join('\n')}`
}

const stemOf = (host: string): string => host.replace('*', '_')

/** Of a wildcard only the request knows the name; nginx has matched it with ours by then. */
function sideOf(host: string, secure: boolean, { ports, fronts }: VhostContext): Side {
  const name = isWildcard(host) ? '$host' : host
  const port = secure ? ports.https : ports.http
  return {
    secure,
    authority: port === (secure ? 443 : 80) ? name : `${name}:${port}`,
    told: fronts
      ? { proto: '$summoner_proto', port: '$summoner_port', https: '$summoner_https' }
      : { proto: secure ? 'https' : 'http', port: String(port), https: secure ? 'on' : '""' },
  }
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
  const away = `https://${secure.authority}$request_uri`
  if (context.fronts) return frontedServer(vhost, host, away, plain, context)
  const own =
    vhost.plainFor?.length && vhost.serve.kind === 'upstream'
      ? content(
          vhost,
          host,
          plain,
          context,
          `    if (${plainVariable(host)} = 0) {
      return 308 ${away};
    }
`,
        )
      : // 301 is what everybody understands, but after it a POST would come as GET
        `  location / {
    if ($request_method !~ ^(GET|HEAD)$ ) {
      return 308 ${away};
    }
    return 301 ${away};
  }
`
  return `server {
${listen(context.ports.http, context, '')}  server_name ${host};
${accessLog(host)}${challenge()}${rootCertificate(vhost, context)}${own}}
`
}

/** As above, but whoever asked a trusted proxy over HTTPS is served: sent there again, it would come back for ever. */
function frontedServer(vhost: Vhost, host: string, away: string, plain: Side, context: VhostContext): string {
  const stays = [
    'if ($uri ~ ^/\\.well-known/acme-challenge/)',
    ...(vhost.rootCertificate ? ['if ($uri = /ca.crt)'] : []),
    ...(vhost.plainFor?.length ? [`if (${plainVariable(host)} = 1)`] : []),
  ].map((condition) => `  ${condition} {\n    break;\n  }\n`)
  const leaves = [301, 308].map(
    (code) => `  if ($summoner_away = ${code}) {\n    return ${code} ${away};\n  }\n`,
  )
  return `server {
${listen(context.ports.http, context, '')}  server_name ${host};
${accessLog(host)}${stays.join('')}${leaves.join('')}${challenge(unguarded(vhost.options ?? {}))}${rootCertificate(vhost, context)}${headers(vhost, false, undefined)}${content(vhost, host, plain, context)}}
`
}

/** Certificates are still asked for over plain HTTP; nothing else is answered there. */
const closedServer = (vhost: Vhost, host: string, context: VhostContext): string => `server {
${listen(context.ports.http, context, '')}  server_name ${host};
${accessLog(host)}${challenge()}${rootCertificate(vhost, context)}  location / {
    return 444;
  }
}
`

function secureServer(vhost: Vhost, host: string, side: Side, context: VhostContext): string {
  if (!vhost.tls) return ''
  const http3 = context.http3 && vhost.options?.http3 ? context.ports.https : undefined
  const quic = http3 === undefined ? '' : listen(http3, context, ' quic')
  return `server {
${listen(context.ports.https, context, ' ssl')}${quic}  http2 on;
  server_name ${host};
  ssl_certificate ${inContainer(vhost.tls.certificate, context)};
  ssl_certificate_key ${inContainer(vhost.tls.key, context)};
  # a browser that typed http:// with this port
  error_page 497 =301 https://${side.authority}$request_uri;
${accessLog(host)}${challenge(unguarded(vhost.options ?? {}))}${headers(vhost, true, http3)}${content(vhost, host, side, context)}}
`
}

const plainServer = (vhost: Vhost, host: string, side: Side, context: VhostContext): string => `server {
${listen(context.ports.http, context, '')}  server_name ${host};
${accessLog(host)}${challenge(unguarded(vhost.options ?? {}))}${rootCertificate(vhost, context)}${headers(vhost, false, undefined)}${content(vhost, host, side, context)}}
`

/** `guard`: lines at the head of every location that hands on. */
function content(vhost: Vhost, host: string, side: Side, context: VhostContext, guard = ''): string {
  const { serve, options = {} } = vhost
  if (serve.kind === 'redirect') {
    // 307: the method stays, and no browser remembers it when the host is given to a minion later
    const port = isWildcard(host) ? side.authority.slice('$host'.length) : side.authority.slice(host.length)
    const to = `${side.told.proto}://${checkHost(serve.to)}${port}`
    return location('/', `    return ${serve.permanent ? 308 : 307} ${to}$request_uri;\n`)
  }
  if (serve.kind === 'page')
    return `  client_max_body_size 0;
${pageLocation(serve.reason, context.pages)}${location('/', '    return 503;\n')}`
  const names = upstreamNames(serve, host)
  const strip = withoutPassword(options, serve)
  const handOn = (path: string, target: (typeof names)[number]) =>
    location(
      path,
      guard +
        (target.gateway ? '' : strip) +
        pass(serve, target, { host: isWildcard(host) ? '$host' : host, upstream: target.name }, side),
    )
  const [root, ...others] = names
  // config.yml has the last word: a folder of files stands in front of the application's own path
  const paths = others.filter(
    ({ path }) => !(path.endsWith('/') && Object.hasOwn(options.static ?? {}, path)),
  )
  const rest = serve.pathsOnly ? location('/', `${guard}    return 404;\n`) : root ? handOn('/', root) : ''
  return `  client_max_body_size ${serve.maxBody};
${guards(options, host, stemOf(host))}${pageLocation('unreachable', context.pages)}${staticLocations(options)}${snippet(options)}${paths.map((target) => handOn(target.path, target)).join('')}${rest}`
}

/** Open to the certificate authority whatever the host asks of its visitors, also where somebody in front sends it to HTTPS. */
const challenge = (open = ''): string => `  location ^~ /.well-known/acme-challenge/ {
    alias ${LAYOUT.tree}/acme/;
    default_type text/plain;
${open}  }
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

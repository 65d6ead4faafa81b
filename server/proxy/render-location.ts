/** The locations of a vhost: handing a request on, and the friendly page. */
import { LAYOUT } from './layout.ts'
import type { Protocol, Target, Vhost } from './vhost.ts'

type Upstream = Extract<Vhost['serve'], { kind: 'upstream' }>
export interface Side {
  secure: boolean
  /** Host as a browser spells it: with the port where that is not the scheme's own. */
  authority: string
  /** What an application is told of the request, as nginx text. */
  told: { proto: string; port: string; https: string }
}

export const location = (path: string, body: string): string => `  location ${path} {
${body}  }
`

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join('')

/** Hands requests of a location on to a named upstream, in the application's protocol. */
export function pass(
  serve: Upstream,
  target: Target,
  names: { host: string; upstream: string },
  side: Side,
): string {
  if (target.servers.length === 0) return indented(['return 503;'])
  const protocol = target.protocol ?? serve.protocol
  if (protocol === 'uwsgi' || protocol === 'fastcgi')
    return gatewayPass(serve, protocol, target.root, names, side)
  return proxyPass(serve, { ...target, protocol }, names, side)
}

/** What nginx knows itself, by header. */
const facts = ({ authority, told }: Side): [header: string, value: string][] => [
  ['X-Real-IP', '$remote_addr'],
  ['X-Forwarded-For', '$remote_addr'],
  ['X-Forwarded-Proto', told.proto],
  ['X-Forwarded-Host', authority],
  ['X-Forwarded-Port', told.port],
]

const NEVER = [
  'Forwarded',
  'X-Forwarded-Server',
  'X-Forwarded-Prefix',
  'X-Forwarded-Ssl',
  'X-Original-URL',
  'X-Rewrite-URL',
  'Proxy',
]

/** Every header that an application might believe is overwritten with what nginx knows itself; none is appended. */
function proxyPass(
  serve: Upstream,
  { protocol, dest = '' }: Target,
  { host, upstream }: { host: string; upstream: string },
  side: Side,
): string {
  const upgrade = (value: string) => (serve.websocket ? value : '""')
  return indented([
    `proxy_pass ${protocol}://${upstream}${dest};`,
    'proxy_http_version 1.1;',
    `proxy_set_header Host ${side.authority};`,
    ...facts(side).map(([name, value]) => `proxy_set_header ${name} ${value};`),
    ...NEVER.map((name) => `proxy_set_header ${name} "";`),
    `proxy_set_header Upgrade ${upgrade('$summoner_upgrade')};`,
    `proxy_set_header Connection ${upgrade('$summoner_connection')};`,
    'proxy_set_header X-Request-ID $request_id;',
    `proxy_read_timeout ${serve.timeoutSeconds}s;`,
    `proxy_send_timeout ${serve.timeoutSeconds}s;`,
    ...(serve.buffering ? [] : ['proxy_buffering off;', 'proxy_request_buffering off;']),
    ...(protocol === 'https' ? ['proxy_ssl_server_name on;', `proxy_ssl_name ${host};`] : []),
  ])
}

/** The parameters of CGI, and again the headers that are told as nginx knows them. */
function gatewayPass(
  serve: Upstream,
  protocol: Extract<Protocol, 'uwsgi' | 'fastcgi'>,
  root: string | undefined,
  { host, upstream }: { host: string; upstream: string },
  side: Side,
): string {
  const params: [string, string][] = [
    ['QUERY_STRING', '$query_string'],
    ['REQUEST_METHOD', '$request_method'],
    ['CONTENT_TYPE', '$content_type'],
    ['CONTENT_LENGTH', '$content_length'],
    ['REQUEST_URI', '$request_uri'],
    ['DOCUMENT_URI', '$document_uri'],
    ['SERVER_PROTOCOL', '$server_protocol'],
    ['REQUEST_SCHEME', side.told.proto],
    ['HTTPS', side.told.https],
    ['REMOTE_ADDR', '$remote_addr'],
    ['REMOTE_PORT', '$remote_port'],
    ['SERVER_ADDR', '$server_addr'],
    ['SERVER_PORT', side.told.port],
    ['SERVER_NAME', host],
    ['HTTP_HOST', side.authority],
    ...(protocol === 'uwsgi'
      ? ([['PATH_INFO', '$document_uri']] satisfies [string, string][])
      : ([
          ['GATEWAY_INTERFACE', 'CGI/1.1'],
          ['SCRIPT_NAME', '$fastcgi_script_name'],
          ['DOCUMENT_ROOT', root ?? '/var/www/public'],
          ['SCRIPT_FILENAME', `${root ?? '/var/www/public'}$fastcgi_script_name`],
          // PHP refuses to work without when it was built to force the redirect
          ['REDIRECT_STATUS', '200'],
        ] satisfies [string, string][])),
    ...[...facts(side), ...NEVER.map((name): [string, string] => [name, '""'])].map(
      ([name, value]): [string, string] => [`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value],
    ),
  ]
  return indented([
    `${protocol}_pass ${upstream};`,
    ...(protocol === 'fastcgi' ? ['fastcgi_index index.php;'] : []),
    ...params.map(([name, value]) => `${protocol}_param ${name} ${value};`),
    `${protocol}_read_timeout ${serve.timeoutSeconds}s;`,
    `${protocol}_send_timeout ${serve.timeoutSeconds}s;`,
    ...(serve.buffering ? [] : [`${protocol}_buffering off;`, `${protocol}_request_buffering off;`]),
  ])
}

/** Only what nginx itself says when nobody answers becomes the page; an application's own 5xx passes through. */
export const pageLocation = (
  reason: string,
  pages: string,
): string => `  error_page 502 503 504 =503 ${LAYOUT.page};
  location = ${LAYOUT.page} {
    internal;
    root ${pages};
    try_files /${reason}.$summoner_language.html =503;
    ssi on;
    default_type text/html;
    charset utf-8;
    etag off;
    if_modified_since off;
    add_header Retry-After 5 always;
    add_header Cache-Control no-store always;
    add_header Content-Security-Policy "default-src 'none'; style-src 'unsafe-inline'" always;
    add_header X-Content-Type-Options nosniff always;
  }
`

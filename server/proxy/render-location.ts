/** The locations of a vhost: handing a request on, and the friendly page. */
import { LAYOUT } from './layout.ts'
import type { Vhost } from './vhost.ts'

type Upstream = Extract<Vhost['serve'], { kind: 'upstream' }>
export interface Side {
  secure: boolean
  /** Host as a browser spells it: with the port where that is not the scheme's own. */
  authority: string
  port: number
}

export const location = (path: string, body: string): string => `  location ${path} {
${body}  }
`

/** Every header that an application might believe is overwritten with what nginx knows itself; none is appended. */
export function proxyPass(serve: Upstream, host: string, upstream: string, side: Side): string {
  const lines = [
    `proxy_pass ${serve.protocol}://${upstream};`,
    'proxy_http_version 1.1;',
    `proxy_set_header Host ${side.authority};`,
    'proxy_set_header X-Real-IP $remote_addr;',
    'proxy_set_header X-Forwarded-For $remote_addr;',
    `proxy_set_header X-Forwarded-Proto ${side.secure ? 'https' : 'http'};`,
    `proxy_set_header X-Forwarded-Host ${side.authority};`,
    `proxy_set_header X-Forwarded-Port ${side.port};`,
    ...[
      'Forwarded',
      'X-Forwarded-Server',
      'X-Forwarded-Prefix',
      'X-Forwarded-Ssl',
      'X-Original-URL',
      'X-Rewrite-URL',
    ]
      .concat('Proxy')
      .map((name) => `proxy_set_header ${name} "";`),
    `proxy_set_header Upgrade ${serve.websocket ? '$summoner_upgrade' : '""'};`,
    `proxy_set_header Connection ${serve.websocket ? '$summoner_connection' : '""'};`,
    'proxy_set_header X-Request-ID $request_id;',
    `proxy_read_timeout ${serve.timeoutSeconds}s;`,
    `proxy_send_timeout ${serve.timeoutSeconds}s;`,
    ...(serve.buffering ? [] : ['proxy_buffering off;', 'proxy_request_buffering off;']),
    ...(serve.protocol === 'https' ? ['proxy_ssl_server_name on;', `proxy_ssl_name ${host};`] : []),
  ]
  return lines.map((line) => `    ${line}\n`).join('')
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

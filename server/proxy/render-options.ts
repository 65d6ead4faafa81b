/** The options of a host as nginx text; pure. All of it has passed `checkVhost`. */
import { digest } from './file-stem.ts'
import { LAYOUT } from './layout.ts'
import type { TreeFile } from './render-tree.ts'
import type { Vhost, VhostOptions } from './vhost.ts'

/** Names and hashes, for nginx alone; named after its content, so a changed password is a changed tree. */
export function usersFile({ users = [] }: VhostOptions): TreeFile | undefined {
  if (users.length === 0) return undefined
  const text = users.map(({ name, hash }) => `${name}:${hash}\n`).join('')
  return { path: `users/${digest(text)}`, text }
}

/** Beside the servers: what lives in memory that all workers share. */
export const zones = ({ rate }: VhostOptions, stem: string): string =>
  rate
    ? `limit_req_zone $binary_remote_addr zone=rate.${stem}:1m rate=${rate.requests}r/${rate.per === 'second' ? 's' : 'm'};
`
    : ''

/** Who may ask, and how often; for every server that answers with content. */
export function guards(options: VhostOptions, host: string, stem: string): string {
  const { allow = [], deny = [], rate, compression } = options
  const users = usersFile(options)
  return lines([
    ...deny.map((range) => `deny ${range};`),
    ...allow.map((range) => `allow ${range};`),
    ...(allow.length > 0 ? ['deny all;'] : []),
    ...(users ? [`auth_basic "${host}";`, `auth_basic_user_file ${LAYOUT.tree}/${users.path};`] : []),
    ...(rate
      ? [
          `limit_req zone=rate.${stem}${rate.burst > 0 ? ` burst=${rate.burst} nodelay` : ''};`,
          'limit_req_status 429;',
        ]
      : []),
    ...(compression === false ? ['gzip off;', 'include /etc/nginx/compression/off*.conf;'] : []),
  ])
}

/** Within a location that stays open to everybody. */
export const unguarded = ({ users = [], allow = [], deny = [] }: VhostOptions): string =>
  (users.length > 0 ? '    auth_basic off;\n' : '') +
  (allow.length + deny.length > 0 ? '    allow all;\n' : '')

/** The password is for nginx: an application that saw it would take it for one of its own. */
export const withoutPassword = ({ users = [] }: VhostOptions, serve: Vhost['serve']): string => {
  if (users.length === 0 || serve.kind !== 'upstream') return ''
  return '    proxy_set_header Authorization "";\n'
}

/** Headers of every answer: ours where the application is silent, a person's whatever it says. */
export function headers(vhost: Vhost, secure: boolean, http3: number | undefined): string {
  const { options = {}, serve, tls } = vhost
  const own = Object.entries(options.headers ?? {})
  const named = new Set(own.map(([name]) => name.toLowerCase()))
  const ours: [string, string][] = [
    ['X-Content-Type-Options', '$summoner_nosniff'],
    ['Referrer-Policy', '$summoner_referrer'],
  ]
  // once told, a browser never tries plain HTTP again: not where that is to stay possible
  if (secure && tls?.publiclyTrusted && options.https !== 'noredirect')
    ours.push(['Strict-Transport-Security', '$summoner_hsts'])
  if (secure && http3 !== undefined) ours.push(['Alt-Svc', `'h3=":${http3}"; ma=86400'`])
  const targets = serve.kind === 'upstream' ? [serve, ...serve.paths] : []
  const protocols = new Set(
    targets.map(({ protocol = 'http' }) =>
      protocol === 'https' || protocol === 'http' ? 'proxy' : protocol,
    ),
  )
  return lines([
    ...ours
      .filter(([name]) => !named.has(name.toLowerCase()))
      .map(([name, value]) => `add_header ${name} ${value} always;`),
    ...own.flatMap(([name, value]) => [
      ...[...protocols].map((protocol) => `${protocol}_hide_header ${name};`),
      `add_header ${name} "${value}" always;`,
    ]),
  ])
}

/** Files below `data/proxy/static`: a path that ends with a slash is a folder. Links out of it are not followed. */
export function staticLocations({ static: files = {} }: VhostOptions): string {
  return Object.entries(files)
    .map(([path, name]) => {
      const folder = path.endsWith('/')
      return `  location ${folder ? '^~' : '='} ${path} {
    alias ${LAYOUT.tree}/static/${name}${folder ? '/' : ''};
    include /etc/nginx/mime.types;
    disable_symlinks on from=${LAYOUT.tree}/static;
  }
`
    })
    .join('')
}

/** In a block of lines of its own: what it ends with must not swallow what follows. */
export const snippet = ({ snippet: text }: VhostOptions): string =>
  text === undefined || text.trim() === '' ? '' : `  # snippet\n${text.trimEnd()}\n  # end of snippet\n`

const lines = (list: readonly string[]): string => list.map((line) => `  ${line}\n`).join('')

/** What one container asks of the proxy in its environment, as nginx-proxy understands it. Pure. */
import { parse } from 'yaml'
import type { Container } from '../docker/container.ts'
import { PATH, isOwnPath } from './check-options.ts'
import { asServerName } from './hosts.ts'
import { addressOf, portOf } from './reach.ts'
import type { HttpsMethod, Protocol, Target } from './vhost.ts'

export interface Claim {
  /** As nginx takes it; where it cannot be taken, as it was written. */
  host: string
  path: string
  target: Target & { protocol: Protocol }
  https?: HttpsMethod
  /** Only from private networks. */
  internal: boolean
  certificate?: string
  /** LETSENCRYPT_HOST and LETSENCRYPT_EMAIL: names that share one certificate, and whom to tell. */
  names?: readonly string[]
  email?: string
  /** Why it cannot be served like this. */
  problem?: string
}

const PROTOCOLS: readonly string[] = ['http', 'https', 'uwsgi', 'fastcgi'] satisfies Protocol[]
const METHODS: readonly string[] = ['redirect', 'noredirect', 'nohttp', 'nohttps'] satisfies HttpsMethod[]
const CERTIFICATE = /^[A-Za-z0-9*][A-Za-z0-9.-]{0,252}$/
const FOLDER = /^\/[A-Za-z0-9._/-]{1,255}$/
const LONGEST = 16_384
const MOST = 200

interface Wish {
  host: string
  path?: unknown
  dest?: unknown
  port?: unknown
  proto?: unknown
}

export function claimsOf(container: Container): Claim[] {
  const { env } = container
  const ports = env['VIRTUAL_HOST_MULTIPORTS']?.trim() ?? ''
  const wishes = ports === '' ? listed(env) : multiports(ports)
  return wishes.slice(0, MOST).map((wish) => claimOf(container, wish))
}

/** One target for every host of VIRTUAL_HOST. */
function listed(env: Container['env']): Wish[] {
  const hosts = (env['VIRTUAL_HOST'] ?? '')
    .slice(0, LONGEST)
    .split(',')
    .map((host) => host.trim())
  return [...new Set(hosts)]
    .filter((host) => host !== '')
    .flatMap((host) => (host.startsWith('.') ? [host.slice(1), `*${host}`] : [host]))
    .map((host) => ({
      host,
      path: env['VIRTUAL_PATH'],
      dest: env['VIRTUAL_DEST'],
      port: env['VIRTUAL_PORT'],
      proto: env['VIRTUAL_PROTO'],
    }))
}

/** Host -> path -> `{port, dest, proto}`; what is left out has its default. */
function multiports(text: string): Wish[] {
  const broken = (problem: string): Wish[] => [{ host: '', path: { problem } }]
  if (text.length > LONGEST) return broken('it is too long')
  let value: unknown
  try {
    value = parse(text, { maxAliasCount: 0, logLevel: 'error' })
  } catch {
    return broken('it is no YAML')
  }
  if (!isMap(value)) return broken('it is no map of hosts')
  return Object.entries(value).flatMap(([host, paths]): Wish[] => {
    if (!isMap(paths)) return [{ host }]
    return Object.entries(paths).map(([path, wish]) => ({ host, path, ...(isMap(wish) ? pick(wish) : {}) }))
  })
}

const pick = ({ port, dest, proto }: Record<string, unknown>): Omit<Wish, 'host'> => ({ port, dest, proto })

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function claimOf(container: Container, wish: Wish): Claim {
  const { env } = container
  const host = asServerName(wish.host)
  const path = text(wish.path) ?? '/'
  const dest = text(wish.dest)
  const proto = (text(wish.proto) ?? 'http').toLowerCase()
  const protocol = PROTOCOLS.includes(proto) ? (proto as Protocol) : 'http'
  const method = (env['HTTPS_METHOD'] ?? '').toLowerCase()
  const root = env['VIRTUAL_ROOT']
  const access = (env['NETWORK_ACCESS'] ?? '').toLowerCase()
  const certificate = env['CERT_NAME']
  const address = addressOf(container)
  const port = portOf(container, text(wish.port))
  const problem = problemOf({
    ...wish,
    host,
    path,
    dest,
    proto,
    access,
    certificate,
    root,
    written: wish.host,
  })
  return {
    host: host ?? shown(wish.host || 'VIRTUAL_HOST_MULTIPORTS'),
    path,
    target: {
      protocol,
      servers: address !== undefined && port !== undefined ? [`${address}:${port}`] : [],
      ...(dest === undefined ? {} : { dest }),
      ...(root && protocol === 'fastcgi' ? { root } : {}),
    },
    ...(METHODS.includes(method) ? { https: method as HttpsMethod } : {}),
    internal: access === 'internal',
    ...(certificate ? { certificate } : {}),
    ...(host === undefined ? {} : wishedNames(env, host)),
    ...(problem === undefined ? {} : { problem }),
  }
}

const EMAIL = /^[^\s@<>"',;]{1,64}@[A-Za-z0-9.-]{1,253}$/
/** As many as Let's Encrypt puts into one certificate. */
const MOST_NAMES = 100

function wishedNames(env: Container['env'], host: string): Pick<Claim, 'names' | 'email'> {
  const written = (env['LETSENCRYPT_HOST'] ?? '').slice(0, LONGEST).split(',')
  const names = [...new Set(written.map((name) => asServerName(name.trim())))]
    .filter((name) => name !== undefined)
    .filter((name) => !name.endsWith('.*'))
    .slice(0, MOST_NAMES)
  if (!names.includes(host)) return {}
  const single = (env['LETSENCRYPT_SINGLE_DOMAIN_CERTS'] ?? '').toLowerCase() === 'true'
  const email = env['LETSENCRYPT_EMAIL']?.trim() ?? ''
  return { names: single ? [host] : names, ...(EMAIL.test(email) ? { email } : {}) }
}

interface Facts {
  host: string | undefined
  written: string
  path: unknown
  dest: string | undefined
  proto: string
  access: string
  certificate: string | undefined
  root: string | undefined
}

function problemOf({
  host,
  written,
  path,
  dest,
  proto,
  access,
  certificate,
  root,
}: Facts): string | undefined {
  if (written === '') return 'VIRTUAL_HOST_MULTIPORTS: it is not a YAML map of hosts, paths and ports.'
  if (written.startsWith('~'))
    return 'Regular expressions are not served; list the hosts, or use *.example.org.'
  if (host === undefined) return `${JSON.stringify(shown(written))} is not a host name.`
  if (typeof path !== 'string' || !PATH.test(path))
    return `VIRTUAL_PATH: ${JSON.stringify(shown(String(path)))} is not a plain path.`
  if (isOwnPath(path)) return `VIRTUAL_PATH: ${JSON.stringify(path)} is answered by nginx itself.`
  if (dest !== undefined && !PATH.test(dest))
    return `VIRTUAL_DEST: ${JSON.stringify(shown(dest))} is not a plain path.`
  if (!PROTOCOLS.includes(proto))
    return `VIRTUAL_PROTO: ${JSON.stringify(shown(proto))} is not served; only ${PROTOCOLS.join(', ')}.`
  // a slip here must not open to the world what was meant for the house
  if (!['', 'internal', 'external'].includes(access)) return 'NETWORK_ACCESS: only internal or external.'
  if (certificate && !CERTIFICATE.test(certificate)) return 'CERT_NAME: it is not the name of a certificate.'
  if (root && proto === 'fastcgi' && (!FOLDER.test(root) || root.split('/').includes('..')))
    return 'VIRTUAL_ROOT: it is not a plain folder.'
  return undefined
}

/** Empty is as good as not there. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** For the list of hosts: printable, and not too much of it. */
const shown = (value: string): string => value.replace(/[^\x20-\x7e]/g, '?').slice(0, 80)

/** How restic is told where a destination is and what opens it. Pure; nothing secret ends up in an argument. */
import { isAbsolute } from 'node:path'
import { SummonerError } from '../../errors.ts'
import type { Destination } from '../settings.ts'

export interface SftpPlace {
  user?: string
  host: string
  port?: number
}

/** Files that have to be there while restic runs. */
export interface SshFiles {
  key?: string
  knownHosts: string
}

export interface Reach {
  address: string
  env: Record<string, string>
  /** Global options of restic. */
  options: string[]
}

const HOST = String.raw`(?:([A-Za-z0-9._-]+)@)?([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])`

/** `sftp://user@host:port//folder` or `sftp:user@host:/folder`; undefined for what is neither. */
export function sftpPlace(to: string): SftpPlace | undefined {
  const url = new RegExp(`^sftp://${HOST}(?::([0-9]{1,5}))?/.+$`).exec(to)
  const short = new RegExp(`^sftp:${HOST}():.+$`).exec(to)
  const [, user, host, port] = url ?? short ?? []
  if (!host) return undefined
  return {
    host: host.replace(/^\[|\]$/g, ''),
    ...(user ? { user } : {}),
    ...(port ? { port: Number(port) } : {}),
  }
}

/** What is wrong with how the destination is written; nothing when it can be tried. */
export function addressProblem({ to, key, host_key, env = {} }: Destination): string | undefined {
  if (to.startsWith('sftp:') && !sftpPlace(to))
    return 'its address is written sftp:user@host:/folder or sftp://user@host:port//folder'
  if (!to.startsWith('sftp:') && (key ?? host_key)) return '`key` and `host_key` belong to sftp'
  if (to.startsWith('rest:') && /^rest:https?:\/\/[^/]*@/.test(to))
    return 'its address carries a password: give it as {secret: NAME} in env.RESTIC_REST_PASSWORD'
  if (to.startsWith('rest:') && !URL.canParse(to.slice('rest:'.length))) return 'its address is no URL'
  if ('RESTIC_REST_PASSWORD' in env && !('RESTIC_REST_USERNAME' in env))
    return 'env.RESTIC_REST_PASSWORD needs env.RESTIC_REST_USERNAME'
  return undefined
}

export function reachOf(
  destination: Destination,
  { secret, ssh }: { secret(name: string): string; ssh: SshFiles },
): Reach {
  const problem = addressProblem(destination)
  if (problem !== undefined) throw new SummonerError('destination.failed', `${destination.name}: ${problem}.`)
  const { to, upload, download } = destination
  const env = Object.fromEntries(
    Object.entries(destination.env ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : secret(value.secret).trim(),
    ]),
  )
  return {
    address: to.startsWith('rest:') ? withPassword(to, env) : to,
    env,
    options: [
      ...(upload === undefined ? [] : ['--limit-upload', String(upload)]),
      ...(download === undefined ? [] : ['--limit-download', String(download)]),
      ...sshOptions(to, ssh),
    ],
  }
}

/** Older restic reads these two from nowhere else; the address goes by the environment. */
function withPassword(to: string, env: Record<string, string>): string {
  const url = new URL(to.slice('rest:'.length))
  url.username = encodeURIComponent(env['RESTIC_REST_USERNAME'] ?? '')
  url.password = encodeURIComponent(env['RESTIC_REST_PASSWORD'] ?? '')
  return `rest:${url.href}`
}

function sshOptions(to: string, { key, knownHosts }: SshFiles): string[] {
  const place = to.startsWith('sftp:') ? sftpPlace(to) : undefined
  if (!place) return []
  const set = (name: string, value: string) => ['-o', `${name}=${value}`]
  const words = [
    'ssh',
    ...(key === undefined ? [] : ['-i', key, ...set('IdentitiesOnly', 'yes')]),
    ...set('UserKnownHostsFile', knownHosts),
    // the first key is believed, another one later never
    ...set('StrictHostKeyChecking', 'accept-new'),
    ...set('BatchMode', 'yes'),
    ...set('ConnectTimeout', '20'),
    ...set('ServerAliveInterval', '20'),
    ...set('ServerAliveCountMax', '3'),
    ...(place.port === undefined ? [] : ['-p', String(place.port)]),
    ...(place.user === undefined ? [] : ['-l', place.user]),
    place.host,
    '-s',
    'sftp',
  ]
  return ['-o', `sftp.command=${words.map(quoted).join(' ')}`]
}

/** restic takes the command apart as a shell would. */
const quoted = (word: string): string =>
  /^[A-Za-z0-9_./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", '')}'`

export const isFolder = (to: string): boolean => isAbsolute(to)

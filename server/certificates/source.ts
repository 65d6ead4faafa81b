/** Where the certificate of a host comes from, as `tls` in config.yml says. Pure. */
import type { Tls } from '../config/config.ts'
import { directoryOf } from './acme/directory.ts'
import type { DnsSettings } from './challenges/dns-settings.ts'

export interface AcmeSource {
  kind: 'acme'
  directory: string
  /** Of the certificate that covers the host: several share a wildcard. */
  names: string[]
  /**
   * false with `auto`: a name that does not lead here keeps its internal certificate without complaint, unless a
   * container asked for it by name.
   */
  required: boolean
  eab?: { kid: string; key: { secret: string } }
  profile?: string
  chain?: string
  /** File with further roots for the server itself. */
  ca?: string
  dns?: DnsSettings
  /** Of who asked for it, where config.yml has no `email`. */
  contact?: string
}

export interface FilesSource {
  kind: 'files'
  certificate: string
  key: string
}

export type Source = { kind: 'internal' } | AcmeSource | FilesSource

/** What the owner of one host wants for it. */
export interface TlsWish {
  /** `tls` of the minion, in place of the box's own. */
  tls?: Tls
  /** LETSENCRYPT_HOST: names that share one certificate. */
  names?: readonly string[]
  /** LETSENCRYPT_EMAIL: contact only. */
  email?: string
  /** A container that nobody but itself has put here asks for it. */
  asked?: boolean
}

export function sourceOf(
  host: string,
  box: { tls: Tls; domain: string },
  { tls = box.tls, names: together = [], email, asked = false }: TlsWish = {},
): Source {
  if (tls === 'internal' || tls === 'none') return { kind: 'internal' }
  const shared = together.includes(host) ? [...together] : [host]
  const contact = email === undefined ? {} : { contact: email }
  const ofLetsEncrypt = (names: string[], required: boolean): Source => ({
    kind: 'acme',
    directory: directoryOf('letsencrypt'),
    names,
    required,
    ...contact,
  })
  if (tls === 'auto')
    return isPublicName(host)
      ? ofLetsEncrypt(shared.filter(isPublicName), asked && together.includes(host))
      : { kind: 'internal' }
  if (tls === 'letsencrypt') return ofLetsEncrypt(shared, true)
  if ('files' in tls) return { kind: 'files', ...tls.files }
  const { acme, wildcard = false, ...more } = tls
  const names = wildcard && isBelow(host, box.domain) ? [box.domain, `*.${box.domain}`] : shared
  return { kind: 'acme', directory: directoryOf(acme), names, required: true, ...more, ...contact }
}

/** Covered by `*.domain`, or the domain itself. */
const isBelow = (host: string, domain: string): boolean =>
  host === domain || (host.endsWith(`.${domain}`) && !host.slice(0, -domain.length - 1).includes('.'))

/** The name under which the pair is stored. */
export const storedAs = (names: readonly string[]): string =>
  names.find((name) => name.startsWith('*.')) ?? names[0] ?? ''

export function covers(names: readonly string[], host: string): boolean {
  const dot = host.indexOf('.')
  return names.includes(host) || (dot > 0 && names.includes(`*${host.slice(dot)}`))
}

/** Top-level names that no public server signs (RFC 6761, RFC 6762, RFC 8375, RFC 9476). */
const PRIVATE = [
  'test',
  'localhost',
  'local',
  'invalid',
  'example',
  'internal',
  'lan',
  'home',
  'corp',
  'onion',
  'alt',
]

export function isPublicName(host: string): boolean {
  const labels = host.split('.')
  return labels.length > 1 && !PRIVATE.includes(labels.at(-1) ?? '') && !host.endsWith('.home.arpa')
}

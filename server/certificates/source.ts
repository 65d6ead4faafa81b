/** Where the certificate of a host comes from, as `tls` in config.yml says. Pure. */
import type { Tls } from '../config/config.ts'
import { directoryOf } from './acme/directory.ts'
import type { DnsSettings } from './challenges/dns-settings.ts'

export interface AcmeSource {
  kind: 'acme'
  directory: string
  /** Of the certificate that covers the host: several share a wildcard. */
  names: string[]
  /** false with `auto`: a name that does not lead here keeps its internal certificate without complaint. */
  required: boolean
  eab?: { kid: string; key: { secret: string } }
  profile?: string
  chain?: string
  /** File with further roots for the server itself. */
  ca?: string
  dns?: DnsSettings
}

export interface FilesSource {
  kind: 'files'
  certificate: string
  key: string
}

export type Source = { kind: 'internal' } | AcmeSource | FilesSource

export function sourceOf(host: string, { tls, domain }: { tls: Tls; domain: string }): Source {
  if (tls === 'internal' || tls === 'none') return { kind: 'internal' }
  if (tls === 'auto')
    return isPublicName(host)
      ? { kind: 'acme', directory: directoryOf('letsencrypt'), names: [host], required: false }
      : { kind: 'internal' }
  if (tls === 'letsencrypt')
    return { kind: 'acme', directory: directoryOf('letsencrypt'), names: [host], required: true }
  if ('files' in tls) return { kind: 'files', ...tls.files }
  const { acme, wildcard = false, ...more } = tls
  const names = wildcard && isBelow(host, domain) ? [domain, `*.${domain}`] : [host]
  return { kind: 'acme', directory: directoryOf(acme), names, required: true, ...more }
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

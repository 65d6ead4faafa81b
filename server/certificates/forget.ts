/** Certificates that no host has needed for long: a dismissed minion may come back, so they outlive their end first. */
import type { Certificate } from './certificate.ts'
import { covers } from './source.ts'
import type { CertificateStore } from './store.ts'

/** Nobody renews what nobody needs: it ends by itself, and this long afterwards it goes. */
const GRACE_MS = 14 * 86_400_000

export interface Needed {
  /** Hosts that are served or waited for. */
  hosts: readonly string[]
  /** Certificates that containers ask for by name. */
  names: readonly string[]
}

/** Pure. */
export const isStale = (certificate: Certificate, { hosts, names }: Needed, now: Date): boolean =>
  Date.parse(certificate.notAfter) + GRACE_MS < now.getTime() &&
  !names.includes(certificate.name) &&
  !hosts.some((host) => host === certificate.name || covers(certificate.names, host))

/** Says which. */
export function forgetStale(
  store: Pick<CertificateStore, 'list' | 'remove'>,
  needed: Needed,
  now: Date,
): string[] {
  const stale = store.list().filter((certificate) => isStale(certificate, needed, now))
  for (const { name } of stale) store.remove(name)
  return stale.map(({ name }) => name)
}

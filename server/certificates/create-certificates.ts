/** Certificates for hosts: kept while they are good, made by the issuer when they are not. */
import { readFileSync } from 'node:fs'
import type { Events } from '../events/event.ts'
import { checkHost } from '../proxy/hosts.ts'
import type { Authority } from './authority.ts'
import type { Certificate, Certificates } from './certificate.ts'
import { needsRenewal } from './needs-renewal.ts'
import type { CertificateStore } from './store.ts'

interface CertificatesDeps {
  store: CertificateStore
  authority: Authority
  now(): Date
  events: Pick<Events, 'append'>
}

export function createCertificates({ store, authority, now, events }: CertificatesDeps): Certificates {
  const underway = new Map<string, Promise<Certificate>>()

  // the store hands out the same object until the pair changes: its signature is checked once
  const ours = new WeakSet<Certificate>()
  const trusted = (certificate: Certificate): boolean => {
    if (certificate.publiclyTrusted || ours.has(certificate)) return true
    if (!authority.signed(readFileSync(certificate.certificateFile, 'utf8'))) return false
    ours.add(certificate)
    return true
  }

  const usable = (certificate: Certificate, host: string): boolean =>
    certificate.names.includes(host) && !needsRenewal(certificate, now()) && trusted(certificate)

  const make = async (host: string): Promise<Certificate> => {
    const certificate = store.put(host, [host], await authority.issue([host]))
    events.append({
      type: 'certificate.issued',
      title: `${host} has a certificate until ${certificate.notAfter.slice(0, 10)}`,
      data: { host, issuer: certificate.issuer, notAfter: certificate.notAfter },
    })
    return certificate
  }

  return {
    async ensure(name) {
      const host = checkHost(name)
      const running = underway.get(host)
      if (running) return running
      const kept = store.get(host)
      if (kept && usable(kept, host)) return kept
      const making = make(host).finally(() => underway.delete(host))
      underway.set(host, making)
      return making
    },
    list: () => store.list(),
    rootPem: () => authority.rootPem(),
  }
}

/** Certificates for hosts: what config.yml asks for where it is there, else the internal authority's, at once. */
import { readFileSync } from 'node:fs'
import { asSummonerError } from '../errors.ts'
import type { Events } from '../events/event.ts'
import { checkServerName } from '../proxy/hosts.ts'
import type { Authority } from './authority.ts'
import type { Certificate, Certificates } from './certificate.ts'
import { needsRenewal } from './needs-renewal.ts'
import { type OwnPair, readOwnPair } from './own-files.ts'
import { type FilesSource, type Source, covers, storedAs } from './source.ts'
import type { CertificateStore } from './store.ts'

interface CertificatesDeps {
  store: CertificateStore
  authority: Authority
  now(): Date
  events: Pick<Events, 'append'>
  /** Default: everything from the internal authority. */
  source?: (host: string) => Source
}

export function createCertificates({
  store,
  authority,
  now,
  events,
  source: sourceOf = () => ({ kind: 'internal' }),
}: CertificatesDeps): Certificates {
  const underway = new Map<string, Promise<Certificate>>()
  /** Why the files of the operator cannot be used, by host. */
  const problems = new Map<string, string>()

  // the store hands out the same object until the pair changes: its signature is checked once
  const ours = new WeakSet<Certificate>()
  const trusted = (certificate: Certificate): boolean => {
    if (ours.has(certificate)) return true
    if (!authority.signed(readFileSync(certificate.certificateFile, 'utf8'))) return false
    ours.add(certificate)
    return true
  }

  const usable = (certificate: Certificate, host: string): boolean =>
    certificate.source === undefined &&
    certificate.names.includes(host) &&
    !needsRenewal(certificate, now()) &&
    trusted(certificate)

  const make = async (host: string): Promise<Certificate> => {
    const certificate = store.put(host, [host], await authority.issue([host]))
    events.append({
      type: 'certificate.issued',
      title: `${host} has a certificate until ${certificate.notAfter.slice(0, 10)}`,
      data: { host, issuer: certificate.issuer, notAfter: certificate.notAfter },
    })
    return certificate
  }

  /** The operator's pair as it lies in the store; copied there when the files have changed. */
  const own = (source: FilesSource): Certificate => {
    const pair = readOwnPair(source, now())
    const name = storedAs(pair.names)
    const kept = store.get(name)
    return kept && holds(kept, pair) ? kept : store.put(name, pair.names, pair)
  }

  const asked = (host: string): Certificate | undefined => {
    const source = sourceOf(host)
    if (source.kind === 'acme') return heldFor(host, source, store, now())
    if (source.kind === 'internal') return undefined
    const certificate = own(source)
    if (covers(certificate.names, host)) return certificate
    problems.set(host, `The certificate in ${source.certificate} does not name ${host}.`)
    return undefined
  }

  const chosen = (host: string): Certificate | undefined => {
    problems.delete(host)
    try {
      return asked(host)
    } catch (error) {
      // a bad file is no reason to take the site away
      problems.set(host, asSummonerError(error).message)
      return undefined
    }
  }

  return {
    async ensure(name) {
      const host = checkServerName(name)
      const running = underway.get(host)
      if (running) return running
      const held = chosen(host)
      if (held) return held
      const kept = store.get(host)
      if (kept && usable(kept, host)) return kept
      const making = make(host).finally(() => underway.delete(host))
      underway.set(host, making)
      return making
    },
    list: () => store.list(),
    rootPem: () => authority.rootPem(),
    trust(host) {
      const held = chosen(host)
      return [authority.rootPem(), ...(held ? [readFileSync(held.certificateFile, 'utf8')] : [])]
    },
    problem: (host) => problems.get(host),
  }
}

/** The pair of an ACME server that serves the host: of this directory, or of another that everybody trusts, while it holds. */
export function heldFor(
  host: string,
  { directory, names }: { directory: string; names: readonly string[] },
  store: Pick<CertificateStore, 'get'>,
  now: Date,
): Certificate | undefined {
  return [storedAs(names), host]
    .map((name) => store.get(name))
    .find(
      (certificate) =>
        certificate?.source !== undefined &&
        certificate.source !== 'files' &&
        (certificate.source === directory || certificate.publiclyTrusted) &&
        covers(certificate.names, host) &&
        Date.parse(certificate.notAfter) > now.getTime(),
    )
}

const holds = ({ certificateFile, keyFile }: Certificate, pair: OwnPair): boolean =>
  readFileSync(certificateFile, 'utf8') === pair.fullchain &&
  readFileSync(keyFile, 'utf8') === pair.privateKey

/** Who can make a certificate: the internal authority now, an ACME server on top of the same shape. */
import type { X509Certificate } from 'node:crypto'

export interface Issued {
  /** Leaf first, then intermediates; PEM. */
  fullchain: string
  privateKey: string
  /** Common name of who signed, for people. */
  issuer: string
  publiclyTrusted: boolean
  /** The ACME directory it came from, or `files`; absent for the internal authority. */
  source?: string
}

export interface Issuer {
  issue(names: readonly string[]): Promise<Issued>
  /** Was this leaf signed by the issuer as it is now? A new root makes every older leaf worthless. */
  signed(leafPem: string): boolean
}

/** For people: the common name of who signed it. */
export const issuerName = ({ issuer }: Pick<X509Certificate, 'issuer'>): string =>
  /CN=([^\n]+)/.exec(issuer)?.[1] ?? issuer.replaceAll('\n', ', ')

/** Certificates: where they lie and who made them. Issue by ACME comes on top of the same store. */

export interface Certificate {
  /** First name; the folder under `data/certificates/` is called after it. */
  name: string
  names: string[]
  issuer: string
  notBefore: string
  notAfter: string
  /** Paths as the daemon sees them. */
  certificateFile: string
  keyFile: string
  publiclyTrusted: boolean
}

export interface Certificates {
  /** A valid certificate for the host now: kept if it still has a third of its life, else made by the internal authority. */
  ensure(host: string): Promise<Certificate>
  list(): Certificate[]
  /** PEM of the internal root, for browsers and trust stores. */
  rootPem(): string
}

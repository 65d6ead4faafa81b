/** Certificates: where they lie and who made them. Issue by ACME comes on top of the same store. */

export interface Certificate {
  /** First name; the folder under `data/certificates/` is called after it. */
  name: string
  names: string[]
  issuer: string
  /** Who signed it, and who signed those, as far as its file tells; common names. */
  chain: string[]
  notBefore: string
  notAfter: string
  /** Paths as the daemon sees them. */
  certificateFile: string
  keyFile: string
  publiclyTrusted: boolean
  /** The ACME directory it came from, or `files`; absent for the internal authority. */
  source?: string
}

export interface Certificates {
  /**
   * A valid certificate for the host now: the one that config.yml asks for where it is there, else one of the internal
   * authority. Never waits for another server.
   */
  ensure(host: string): Promise<Certificate>
  list(): Certificate[]
  /** PEM of the internal root, for browsers and trust stores. */
  rootPem(): string
  /** What a visit of this host from the box itself trusts: the internal root and the chain that is held for the host now. */
  trust(host: string): string[]
  /** Why the host does not have the certificate that config.yml asks for, where that is known here. */
  problem(host: string): string | undefined
}

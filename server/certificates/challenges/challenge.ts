/** How a name is proven to an ACME server; HTTP-01 and DNS-01 are two ways behind this one shape. */

export interface Proof {
  /** Without `*.`. */
  name: string
  token: string
  /** HTTP-01: what the address must answer. DNS-01: what the TXT record must hold. */
  value: string
}

export interface Prover {
  type: 'http-01' | 'dns-01'
  /** Resolves once the proof can be seen. */
  present(proof: Proof): Promise<void>
  /** Takes the proof away again; also after a failure. */
  remove(proof: Proof): Promise<void>
}

/** What is known of ACME servers: their addresses by name, who CAA records call them, and the limits they set. Pure. */
import type { Limits } from '../budget.ts'
import { LETS_ENCRYPT, UNKNOWN_SERVER } from '../budget.ts'

const PRODUCTION = 'https://acme-v02.api.letsencrypt.org/directory'
const STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory'
const ZEROSSL = 'https://acme.zerossl.com/v2/DV90'

const BY_NAME: Readonly<Record<string, string>> = {
  letsencrypt: PRODUCTION,
  'letsencrypt-staging': STAGING,
  zerossl: ZEROSSL,
}

export interface DirectoryFacts {
  limits: Limits
  /** Every browser trusts what it signs. */
  publiclyTrusted: boolean
  /** What a CAA record must name; unknown for private servers. */
  caa?: string
  /** Where an order is tried first once it has failed here again and again. */
  rehearsal?: string
}

/** `letsencrypt` and the like, or an address as it is. */
export const directoryOf = (word: string): string => BY_NAME[word] ?? word

export function factsOf(directory: string): DirectoryFacts {
  if (directory === PRODUCTION)
    return { limits: LETS_ENCRYPT, publiclyTrusted: true, caa: 'letsencrypt.org', rehearsal: STAGING }
  if (directory === STAGING) return { limits: UNKNOWN_SERVER, publiclyTrusted: false, caa: 'letsencrypt.org' }
  if (directory === ZEROSSL) return { limits: UNKNOWN_SERVER, publiclyTrusted: true, caa: 'sectigo.com' }
  return { limits: UNKNOWN_SERVER, publiclyTrusted: false }
}

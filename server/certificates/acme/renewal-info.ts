/** ACME Renewal Information (RFC 9773): when the server itself wants a certificate renewed. */
import { X509Certificate } from 'node:crypto'
import type { Transport } from './transport.ts'
import { retryAfterOf } from './transport.ts'

export interface Advice {
  start: string
  end: string
  explanation?: string
  askAgainAt: Date
}

const SIX_HOURS = 6 * 3_600_000
const [LEAST, MOST] = [60_000, 24 * 3_600_000]

/** `AKI.serial`, both base64url; undefined for a certificate without key identifier. Pure. */
export function ariId(leafPem: string): string | undefined {
  const leaf = new X509Certificate(leafPem)
  const aki = authorityKeyId(leaf.raw)
  if (aki === undefined) return undefined
  const hex = leaf.serialNumber.length % 2 === 0 ? leaf.serialNumber : `0${leaf.serialNumber}`
  const serial = Buffer.from(hex, 'hex')
  // DER keeps a number positive by a leading zero; the identifier is made of the bytes as encoded
  const encoded = (serial[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), serial]) : serial
  return `${aki.toString('base64url')}.${encoded.toString('base64url')}`
}

const AKI_OID = Buffer.from('0603551d23', 'hex')

/** OCTET STRING { SEQUENCE { [0] keyIdentifier } } behind its object identifier. */
function authorityKeyId(der: Buffer): Buffer | undefined {
  const at = der.indexOf(AKI_OID)
  if (at < 0) return undefined
  let position = at + AKI_OID.length
  if (der[position] === 0x01) position += 3
  if (der[position] !== 0x04 || der[position + 2] !== 0x30 || der[position + 4] !== 0x80) return undefined
  const length = der[position + 5] ?? 0
  return der.subarray(position + 6, position + 6 + length)
}

/** undefined: the server offers none, or none for this certificate. */
export async function askAdvice(
  { directory, leafPem, now }: { directory: string; leafPem: string; now: Date },
  transport: Transport,
): Promise<Advice | undefined> {
  const id = ariId(leafPem)
  const { renewalInfo } = JSON.parse((await transport({ url: directory })).body) as { renewalInfo?: string }
  if (id === undefined || typeof renewalInfo !== 'string') return undefined
  const answer = await transport({ url: `${renewalInfo.replace(/\/$/, '')}/${id}` })
  if (answer.status !== 200) return undefined
  const info = JSON.parse(answer.body) as {
    suggestedWindow?: { start?: string; end?: string }
    explanationURL?: string
  }
  const { start, end } = info.suggestedWindow ?? {}
  if (!start || !end || !(Date.parse(end) >= Date.parse(start))) return undefined
  const wished = retryAfterOf(answer.headers['retry-after'], now)?.getTime() ?? now.getTime() + SIX_HOURS
  return {
    start,
    end,
    ...(info.explanationURL ? { explanation: info.explanationURL } : {}),
    askAgainAt: new Date(Math.min(Math.max(wished, now.getTime() + LEAST), now.getTime() + MOST)),
  }
}

/** A moment of the window, the same for the same share; at once when the window is in the past. Pure. */
export function momentOf({ start, end }: { start: string; end: string }, share: number): Date {
  const from = Date.parse(start)
  return new Date(from + (Date.parse(end) - from) * share)
}

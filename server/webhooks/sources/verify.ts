/** The ways in which tools prove themselves. Pure; every comparison takes the same time whatever differs. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Call, CallHeaders, Verdict } from './source.ts'

/** Clocks differ, and a webhook may wait in its sender's queue. */
export const TOLERANCE_MS = 5 * 60_000

export function same(given: string, wanted: string): boolean {
  if (wanted === '') return false
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

export function header(headers: CallHeaders, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

/** A header that carries the secret itself. */
export const secretIn =
  (name: string) =>
  ({ headers }: Call, secret: string): Verdict =>
    same(header(headers, name), secret) ? undefined : 'signature'

/** A header that carries an HMAC of the body. */
export const hmacIn =
  (name: string, { prefix = '', algorithm = 'sha256' }: { prefix?: string; algorithm?: string } = {}) =>
  ({ headers, raw }: Call, secret: string): Verdict =>
    same(header(headers, name), prefix + createHmac(algorithm, secret).update(raw).digest('hex'))
      ? undefined
      : 'signature'

/** For tools that can only add a header of one's choice. */
export function staticHeader({ headers }: Call, secret: string): Verdict {
  const bearer = /^(?:Bearer|Token) +(\S+)$/i.exec(header(headers, 'authorization'))?.[1] ?? ''
  const own = header(headers, 'x-summoner-token')
  return same(bearer, secret) || same(own, secret) ? undefined : 'signature'
}

/** The proof first: whoever has none learns nothing about the clock. */
export function timely(now: number, at: number): Verdict {
  return Math.abs(now - at) <= TOLERANCE_MS ? undefined : 'timestamp'
}

/** Standard Webhooks 1.0: `v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`; several stand in a row while keys rotate. */
export function standardWebhooks({ headers, raw, now }: Call, secret: string): Verdict {
  const [id, timestamp] = [header(headers, 'webhook-id'), header(headers, 'webhook-timestamp')]
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return 'signature'
  const key = keyOf(secret)
  const wanted = `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(raw).digest('base64')}`
  const given = header(headers, 'webhook-signature').split(' ', 10)
  if (!given.some((one) => same(one, wanted))) return 'signature'
  return timely(now, Number(timestamp) * 1000)
}

/** The bytes of a `whsec_…` secret, or of one that Summoner made. */
export function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'base64url')
}

/** When a certificate must be renewed: before its last third; a life under ten days asks for half. */

const TEN_DAYS = 10 * 86_400_000

export function needsRenewal(certificate: { notBefore: string; notAfter: string }, now: Date): boolean {
  const from = Date.parse(certificate.notBefore)
  const until = Date.parse(certificate.notAfter)
  const life = until - from
  if (!(life > 0)) return true
  const left = until - now.getTime()
  return now.getTime() < from || left < life * (life < TEN_DAYS ? 1 / 2 : 1 / 3)
}

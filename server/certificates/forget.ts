/** Certificates that no host has needed for long: a dismissed minion may come back, so they outlive their end first. */
import type { Certificate } from './certificate.ts'
import type { CertificateStore } from './store.ts'

/** What people are shown: a pair that another has taken the place of ends by itself, and needs nobody. */
export const inUse = (all: readonly Certificate[], used: ReadonlySet<string> | undefined): Certificate[] =>
  all.filter(({ name }) => used === undefined || used.has(name))

/** Nobody renews what nobody needs: it ends by itself, and this long afterwards it goes. */
const GRACE_MS = 14 * 86_400_000

/** Says which. `used`: names of those that hosts are served with. */
export function forgetStale(
  store: Pick<CertificateStore, 'list' | 'remove'>,
  used: ReadonlySet<string>,
  now: Date,
): string[] {
  const stale = store
    .list()
    .filter(({ name, notAfter }) => Date.parse(notAfter) + GRACE_MS < now.getTime() && !used.has(name))
  for (const { name } of stale) store.remove(name)
  return stale.map(({ name }) => name)
}

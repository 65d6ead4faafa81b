/** Where the hooks answer. Pure. */
import type { Config } from '../config/config.ts'

/** `inside` is plain: nginx takes that from our own subnets only, and it never leaves the machine. */
export function originsOf(
  { domain, tls }: Pick<Config, 'domain' | 'tls'>,
  { httpPort, httpsPort }: { httpPort: number; httpsPort: number },
): { outside: string; inside: string } {
  const host = `hooks.${domain}`
  const inside = `http://${host}${httpPort === 80 ? '' : `:${httpPort}`}`
  const outside = tls === 'none' ? inside : `https://${host}${httpsPort === 443 ? '' : `:${httpsPort}`}`
  return { outside, inside }
}

/**
 * A short digest of certificate and key, so that a renewed pair under the same path is a change of the tree. A pair that
 * cannot work is refused here: nginx may be down, and would not start again with it.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { SummonerError } from '../errors.ts'
import { digest } from './file-stem.ts'
import type { Vhost } from './vhost.ts'

type Tls = NonNullable<Vhost['tls']>

/** Reads each pair once, and again only when one of its files was replaced. */
export function createFingerprints(): (tls: Vhost['tls']) => string | undefined {
  const known = new Map<string, { stamp: string; value: string }>()
  return (tls) => {
    if (!tls) return undefined
    try {
      const stamp = `${stampOf(tls.certificate)} ${stampOf(tls.key)} ${tls.key}`
      const cached = known.get(tls.certificate)
      if (cached?.stamp === stamp) return cached.value
      const value = read(tls)
      known.set(tls.certificate, { stamp, value })
      return value
    } catch (error) {
      if (error instanceof SummonerError) throw error
      throw new SummonerError('proxy.invalid', 'Its certificate cannot be read.', { cause: error })
    }
  }
}

function stampOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file)
  return `${ino}:${mtimeMs}:${size}`
}

function read({ certificate, key }: Tls): string {
  const [chain, secret] = [readFileSync(certificate), readFileSync(key)]
  if (!new X509Certificate(chain).checkPrivateKey(createPrivateKey(secret)))
    throw new SummonerError('proxy.invalid', 'Its key does not belong to its certificate.')
  return digest(Buffer.concat([chain, secret]))
}

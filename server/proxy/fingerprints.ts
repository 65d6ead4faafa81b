/** A short digest of certificate and key, so that a renewed pair under the same path is a change of the tree. */
import { readFileSync, statSync } from 'node:fs'
import { SummonerError } from '../errors.ts'
import { digest } from './file-stem.ts'
import type { Vhost } from './vhost.ts'

/** Reads each file once and again only when it was replaced. */
export function createFingerprints(): (tls: Vhost['tls']) => string | undefined {
  const known = new Map<string, { stamp: string; value: string }>()
  const one = (file: string): string => {
    const stat = statSync(file)
    const stamp = `${stat.ino}:${stat.mtimeMs}:${stat.size}`
    const cached = known.get(file)
    if (cached?.stamp === stamp) return cached.value
    const value = digest(readFileSync(file))
    known.set(file, { stamp, value })
    return value
  }
  return (tls) => {
    if (!tls) return undefined
    try {
      return digest(one(tls.certificate) + one(tls.key))
    } catch (error) {
      throw new SummonerError('proxy.invalid', 'Its certificate cannot be read.', { cause: error })
    }
  }
}

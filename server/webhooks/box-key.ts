/** The key that the secrets of all sources are made from: 32 random bytes, made once, for root alone. */
import { readFileSync } from 'node:fs'
import { writeFileAtomic } from '../config/write-file.ts'

export function boxKey(file: string, randomBytes: (size: number) => Buffer): Buffer {
  try {
    const kept = Buffer.from(readFileSync(file, 'utf8').trim(), 'hex')
    if (kept.length === 32) return kept
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const key = randomBytes(32)
  writeFileAtomic(file, `${key.toString('hex')}\n`, { mode: 0o600 })
  return key
}

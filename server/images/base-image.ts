/** The Debian that every distribution build starts from, made by scripts/base-image.sh. */
import { join } from 'node:path'
import type { Exec } from '../docker/container.ts'
import { SummonerError } from '../errors.ts'
import type { ImageProgress } from './image.ts'

interface BaseImageDeps {
  exec: Exec
  scriptsDir: string
  /** The host's certificate authorities, which the base trusts too. */
  caBundle: string | undefined
}

/** Idempotent; the script itself sees whether the host's mirror or authorities have changed. */
export function createBaseImage({ exec, scriptsDir, caBundle }: BaseImageDeps) {
  return async (suite: string, { log, signal }: ImageProgress): Promise<void> => {
    try {
      await exec([join(scriptsDir, 'base-image.sh'), '--suite', suite], {
        signal,
        onLine: log,
        timeoutMs: 15 * 60_000,
        ...(caBundle ? { env: { SSL_CERT_FILE: caBundle } } : {}),
      })
    } catch (error) {
      if (!(error instanceof SummonerError) || error.code !== 'exec.failed') throw error
      const reason = error.message
        .split('\n')
        .filter((line) => line.includes('base-image:') || line.startsWith('E: '))
        .at(-1)
      const detail = `The base of distribution builds (Debian ${suite}) could not be made: ${reason ?? error.message}`
      throw new SummonerError(/no space left/i.test(error.message) ? 'disk.full' : 'image.build', detail, {
        cause: error,
      })
    }
  }
}

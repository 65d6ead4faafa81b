/** HTTP-01: a file that nginx serves at /.well-known/acme-challenge/ of every host. */
import { chmod, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SummonerError } from '../../errors.ts'
import type { Prover } from './challenge.ts'

/** As RFC 8555 has it: a token is base64url, so it never leaves the folder. */
const TOKEN = /^[A-Za-z0-9_-]{1,200}$/

export function createHttpProver({ dir }: { dir: string }): Prover {
  const fileOf = (token: string): string => {
    if (TOKEN.test(token)) return join(dir, token)
    throw new SummonerError('certificate.failed', 'The ACME server sent a token that is none.')
  }
  return {
    type: 'http-01',
    async present({ token, value }) {
      const file = fileOf(token)
      await writeFile(`${file}.part`, value, { mode: 0o644 })
      // whatever the umask of the daemon: nginx's workers are not root
      await chmod(`${file}.part`, 0o644)
      await rename(`${file}.part`, file)
    },
    remove: ({ token }) => rm(fileOf(token), { force: true }),
  }
}

/** What a crash left there. */
export async function clearProofs(dir: string): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) await rm(join(dir, name), { force: true })
}

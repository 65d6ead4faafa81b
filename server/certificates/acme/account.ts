/** One account per ACME server. Its key is on disk before the server hears of it, and is never replaced. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { SummonerError } from '../../errors.ts'
import { writeFolder } from '../write-folder.ts'

/** PEM of the key for this directory, made at the first call. */
export function accountKey(dir: string, directory: string): string {
  const folder = join(dir, folderOf(directory))
  const file = join(folder, 'account.key')
  if (!existsSync(folder)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFolder(folder, {
      'account.key': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      directory: `${directory}\n`,
    })
  }
  try {
    const pem = readFileSync(file, 'utf8')
    createPrivateKey(pem)
    return pem
  } catch (error) {
    throw new SummonerError('certificate.failed', `The account key for ${directory} cannot be read.`, {
      hint: `Restore ${file} from a backup of the box, or remove its folder to open a new account.`,
      cause: error,
    })
  }
}

/** Readable, and unique where two addresses share a host. */
function folderOf(directory: string): string {
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 12)
  return `${new URL(directory).hostname.replace(/[^a-z0-9.-]/gi, '_')}-${digest}`
}

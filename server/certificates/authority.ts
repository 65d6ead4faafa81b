/** The internal authority: one root per box, made once, signing one short-lived leaf per host. */
import { X509Certificate, createPrivateKey, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { SummonerError } from '../errors.ts'
import type { Issuer } from './issuer.ts'
import { writeFolder } from './write-folder.ts'

export interface Authority extends Issuer {
  rootPem(): string
}

interface AuthorityDeps {
  /** `data/certificates`; the pair lies in its folder `internal`. */
  dir: string
  /** Has any leaf of this authority been handed out? Then a damaged pair is never replaced silently. */
  used(): boolean
  now(): Date
  random?: (bytes: number) => Uint8Array
}

/** Opens the authority, making it at the first start. */
export async function openAuthority({
  dir,
  used,
  now,
  random = randomBytes,
}: AuthorityDeps): Promise<Authority> {
  const folder = join(dir, 'internal')
  const problem = pairProblem(folder)
  if (problem !== undefined) {
    if (existsSync(folder) && used())
      throw new SummonerError('certificate.failed', `The internal authority is damaged: ${problem}.`, {
        hint: `Restore ${folder} from a backup of the box. Without one, remove that folder: a new root is made, and every browser must trust it anew.`,
      })
    rmSync(folder, { recursive: true, force: true })
    const { makeRoot } = await import('./sign.ts')
    writeFolder(folder, await makeRoot(now(), random))
  }
  const pem = readFileSync(join(folder, 'root.pem'), 'utf8')
  const key = readFileSync(join(folder, 'root.key'), 'utf8')
  const root = new X509Certificate(pem)
  const issuer = commonName(root.subject)

  return {
    rootPem: () => pem,
    signed: (leafPem) => new X509Certificate(leafPem).verify(root.publicKey),
    async issue(names) {
      const [first, ...others] = names
      if (first === undefined) throw new SummonerError('certificate.failed', 'No host name was given.')
      const { makeLeaf } = await import('./sign.ts')
      const leaf = await makeLeaf({ root: { pem, key }, names: [first, ...others], now: now(), random })
      return { ...leaf, issuer, publiclyTrusted: false }
    },
  }
}

/** Why the pair on disk cannot be used; nothing when it can. */
function pairProblem(folder: string): string | undefined {
  const [key, certificate] = [join(folder, 'root.key'), join(folder, 'root.pem')]
  for (const file of [key, certificate]) if (!existsSync(file)) return `${file} is missing`
  try {
    const root = new X509Certificate(readFileSync(certificate))
    if (!root.checkPrivateKey(createPrivateKey(readFileSync(key))))
      return `${key} is not the key of ${certificate}`
  } catch (error) {
    return `${folder} cannot be read (${error instanceof Error ? error.message : String(error)})`
  }
  return undefined
}

function commonName(subject: string): string {
  return /CN=([^,\n]+)/.exec(subject)?.[1] ?? subject
}

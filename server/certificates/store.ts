/**
 * Certificates on disk. `data/certificates/<name>` is a link to `.versions/<name>/<version>/` with fullchain.pem and
 * privkey.pem: swapping the link swaps both at once, and a version never changes once nginx was told its path.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { SummonerError } from '../errors.ts'
import { asHost } from '../proxy/hosts.ts'
import type { Certificate } from './certificate.ts'
import { type Issued, issuerName } from './issuer.ts'
import { dropOldVersions, freeVersion } from './versions.ts'
import { UNFINISHED, syncFolder, writeFolder } from './write-folder.ts'

const VERSIONS = '.versions'

export interface CertificateStore {
  get(name: string): Certificate | undefined
  list(): Certificate[]
  /** Replaces the pair of `name` in one step. The leaf must carry the key and every one of the names. */
  put(name: string, names: readonly string[], issued: Issued): Certificate
  remove(name: string): void
}

export function createCertificateStore({ dir }: { dir: string }): CertificateStore {
  mkdirSync(join(dir, VERSIONS), { recursive: true, mode: 0o700 })
  clearUnfinished(dir)
  const known = new Map<string, { target: string; certificate: Certificate }>()

  const read = (folder: string): Certificate | undefined => {
    let target: string
    try {
      target = readlinkSync(join(dir, folder))
    } catch {
      return undefined
    }
    const cached = known.get(folder)
    if (cached?.target === target) return cached.certificate
    const certificate = readVersion(join(dir, target), nameOf(folder))
    if (certificate) known.set(folder, { target, certificate })
    return certificate
  }

  return {
    get: (name) => read(folderOf(name)),
    list: () =>
      readdirSync(dir, { withFileTypes: true })
        .filter((entry) => entry.isSymbolicLink() && !entry.name.startsWith('.'))
        .map((entry) => read(entry.name))
        .filter((certificate) => certificate !== undefined)
        .sort((a, b) => a.name.localeCompare(b.name)),

    put(name, names, issued) {
      const folder = folderOf(name)
      const leaf = checkPair(name, names, issued)
      const files = {
        'fullchain.pem': issued.fullchain,
        'privkey.pem': issued.privateKey,
        'issuer.json':
          JSON.stringify({
            issuer: issued.issuer,
            publiclyTrusted: issued.publiclyTrusted,
            source: issued.source,
          }) + '\n',
      }
      const version = freeVersion(join(dir, VERSIONS, folder), leaf.serialNumber.toLowerCase(), files)
      const target = join(VERSIONS, folder, version)
      if (!existsSync(join(dir, target))) writeFolder(join(dir, target), files)
      const draft = join(dir, `${UNFINISHED}${version}`)
      rmSync(draft, { force: true })
      symlinkSync(target, draft)
      renameSync(draft, join(dir, folder))
      syncFolder(dir)
      dropOldVersions(join(dir, VERSIONS, folder), version)
      const certificate = read(folder)
      if (!certificate)
        throw new SummonerError('certificate.failed', `The certificate of ${name} was not kept.`)
      return certificate
    },

    remove(name) {
      const folder = folderOf(name)
      known.delete(folder)
      rmSync(join(dir, folder), { force: true })
      rmSync(join(dir, VERSIONS, folder), { recursive: true, force: true })
    },
  }
}

/** LDH names only, so that a name is never a path; `internal` is the authority's own folder. */
function folderOf(name: string): string {
  const host = asHost(name.startsWith('*.') ? name.slice(2) : name)
  if (host === undefined)
    throw new SummonerError('host.invalid', `${JSON.stringify(name.slice(0, 80))} is not a host name.`)
  if (name.startsWith('*.')) return `_.${host}`
  return host === 'internal' ? '_internal' : host
}

const nameOf = (folder: string): string => folder.replace(/^_\./, '*.').replace(/^_/, '')

function readVersion(path: string, name: string): Certificate | undefined {
  try {
    const pem = readFileSync(join(path, 'fullchain.pem'), 'utf8')
    const leaf = new X509Certificate(pem)
    const meta = JSON.parse(readFileSync(join(path, 'issuer.json'), 'utf8')) as Partial<Issued>
    if (!existsSync(join(path, 'privkey.pem'))) return undefined
    return {
      name,
      names: dnsNames(leaf),
      issuer: meta.issuer ?? '',
      chain: issuersOf(pem),
      notBefore: leaf.validFromDate.toISOString(),
      notAfter: leaf.validToDate.toISOString(),
      certificateFile: join(path, 'fullchain.pem'),
      keyFile: join(path, 'privkey.pem'),
      publiclyTrusted: meta.publiclyTrusted === true,
      ...(meta.source === undefined ? {} : { source: meta.source }),
    }
  } catch {
    // a damaged folder counts as none: the certificate is made again
    return undefined
  }
}

/** A root that stands in its own file is told once. */
const issuersOf = (pem: string): string[] => [
  ...new Set(
    (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) =>
      issuerName(new X509Certificate(one)),
    ),
  ),
]

export const dnsNames = (leaf: X509Certificate): string[] =>
  (leaf.subjectAltName ?? '')
    .split(', ')
    .filter((entry) => entry.startsWith('DNS:'))
    .map((entry) => entry.slice(4))

function checkPair(name: string, names: readonly string[], issued: Issued): X509Certificate {
  let leaf: X509Certificate
  let fits: boolean
  try {
    leaf = new X509Certificate(issued.fullchain)
    fits = leaf.checkPrivateKey(createPrivateKey(issued.privateKey))
  } catch (error) {
    throw new SummonerError('certificate.failed', `The certificate of ${name} cannot be read.`, {
      cause: error,
    })
  }
  if (!fits)
    throw new SummonerError('certificate.failed', `The key does not belong to the certificate of ${name}.`)
  const missing = names.find((wanted) => !dnsNames(leaf).includes(wanted))
  if (missing !== undefined)
    throw new SummonerError('certificate.failed', `The certificate of ${name} does not name ${missing}.`)
  return leaf
}

/** What a crash left half-written; nothing points there. */
function clearUnfinished(dir: string): void {
  const folders = [dir, ...readdirSync(join(dir, VERSIONS)).map((name) => join(dir, VERSIONS, name))]
  for (const folder of folders)
    for (const entry of readdirSync(folder))
      if (entry.startsWith(UNFINISHED)) rmSync(join(folder, entry), { recursive: true, force: true })
}

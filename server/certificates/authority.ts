/** The internal authority: one root per box, made once, signing one short-lived leaf per host. */
import { X509Certificate, createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
// the X.509 library resolves its parts through decorators and wants this first
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { SummonerError } from '../errors.ts'
import type { Issuer } from './issuer.ts'
import { writeFolder } from './write-folder.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const HOUR = 3_600_000
const DAY = 24 * HOUR
const ROOT_LIFE = 3652 * DAY
const LEAF_LIFE = 90 * DAY
/** RFC 5280: a common name holds 64 characters; longer hosts live in the SAN alone. */
const COMMON_NAME_LIMIT = 64

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
    writeFolder(folder, await makeRoot(now(), random))
  }
  const pem = readFileSync(join(folder, 'root.pem'), 'utf8')
  const root = new x509.X509Certificate(pem)
  const rootCheck = new X509Certificate(pem)
  const signingKey = await importKey(readFileSync(join(folder, 'root.key'), 'utf8'))

  return {
    rootPem: () => pem,
    signed: (leafPem) => new X509Certificate(leafPem).verify(rootCheck.publicKey),
    async issue(names) {
      const [first] = names
      if (first === undefined) throw new SummonerError('certificate.failed', 'No host name was given.')
      const keys = await generateKeys()
      const notBefore = new Date(now().getTime() - HOUR)
      const notAfter = new Date(Math.min(notBefore.getTime() + LEAF_LIFE, root.notAfter.getTime()))
      const subject = first.length <= COMMON_NAME_LIMIT ? `CN=${first}` : ''
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serial(random),
        subject,
        issuer: root.subject,
        notBefore,
        notAfter,
        signingAlgorithm: ALGORITHM,
        publicKey: keys.publicKey,
        signingKey,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          // an empty subject makes the alternative names the only identity: then they are critical
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: 'dns' as const, value })),
            subject === '',
          ),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
        ],
      })
      return {
        fullchain: leaf.toString('pem') + '\n',
        privateKey: await exportKey(keys.privateKey),
        issuer: commonName(root.subject),
        publiclyTrusted: false,
      }
    },
  }
}

async function makeRoot(now: Date, random: (bytes: number) => Uint8Array): Promise<Record<string, string>> {
  const keys = await generateKeys()
  // browsers keep roots by subject: two boxes must not share one
  const name = `CN=Summoner internal root ${Buffer.from(random(4)).toString('hex')}`
  const notBefore = new Date(now.getTime() - HOUR)
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(random),
    name,
    notBefore,
    notAfter: new Date(notBefore.getTime() + ROOT_LIFE),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { 'root.key': await exportKey(keys.privateKey), 'root.pem': root.toString('pem') + '\n' }
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

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY') + '\n'
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign'])
}

/** 128 random bits, kept positive and without a leading zero byte. */
function serial(random: (bytes: number) => Uint8Array): string {
  const bytes = Buffer.from(random(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

export function commonName(subject: string): string {
  return /CN=([^,\n]+)/.exec(subject)?.[1] ?? subject
}

/** X.509 for the authority: the root and its leaves. Loaded only when something is signed: the library takes 23 MB. */
import { webcrypto } from 'node:crypto'
// the X.509 library resolves its parts through decorators and wants this first
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const HOUR = 3_600_000
const DAY = 24 * HOUR
const ROOT_LIFE = 3652 * DAY
const LEAF_LIFE = 90 * DAY
/** RFC 5280: a common name holds 64 characters; longer hosts live in the SAN alone. */
const COMMON_NAME_LIMIT = 64

type Random = (bytes: number) => Uint8Array

/** `root.key` and `root.pem` of a new authority. */
export async function makeRoot(now: Date, random: Random): Promise<Record<string, string>> {
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

interface LeafInput {
  root: { pem: string; key: string }
  names: readonly [string, ...string[]]
  now: Date
  random: Random
}

export async function makeLeaf({ root: pair, names, now, random }: LeafInput) {
  const root = new x509.X509Certificate(pair.pem)
  const keys = await generateKeys()
  const notBefore = new Date(now.getTime() - HOUR)
  const notAfter = new Date(Math.min(notBefore.getTime() + LEAF_LIFE, root.notAfter.getTime()))
  const subject = names[0].length <= COMMON_NAME_LIMIT ? `CN=${names[0]}` : ''
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: serial(random),
    subject,
    issuer: root.subject,
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(pair.key),
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
  return { fullchain: `${leaf.toString('pem')}\n`, privateKey: await exportKey(keys.privateKey) }
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
function serial(random: Random): string {
  const bytes = Buffer.from(random(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

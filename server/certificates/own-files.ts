/** A certificate that the operator brings: checked whole before any host uses it. */
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { SummonerError } from '../errors.ts'
import { type Issued, issuerName } from './issuer.ts'
import type { FilesSource } from './source.ts'
import { dnsNames } from './store.ts'

export interface OwnPair extends Issued {
  names: string[]
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
const LIMIT = 1024 * 1024

/** Throws `certificate.failed` with what is wrong: key, order of the chain, names, dates. */
export function readOwnPair({ certificate, key }: FilesSource, now: Date): OwnPair {
  const chain = (readText(certificate).match(PEM) ?? []).map((pem) => parse(pem, certificate))
  const [leaf] = chain
  if (!leaf) throw refused(`${certificate} holds no certificate in PEM.`)
  const privateKey = readText(key)
  let fits: boolean
  try {
    fits = leaf.checkPrivateKey(createPrivateKey(privateKey))
  } catch (error) {
    throw refused(`${key} holds no private key that can be read (one with a passphrase cannot).`, error)
  }
  if (!fits) throw refused(`The key in ${key} does not belong to the certificate in ${certificate}.`)
  for (const [index, issued] of chain.entries()) {
    const issuer = chain[index + 1]
    if (issuer && !(issued.checkIssued(issuer) && issued.verify(issuer.publicKey)))
      throw refused(
        `The chain in ${certificate} is out of order: certificate ${index + 1} is not signed by certificate ${index + 2}.`,
      )
  }
  const names = dnsNames(leaf).map((name) => name.toLowerCase())
  if (names.length === 0) throw refused(`The certificate in ${certificate} names no host.`)
  if (leaf.validToDate <= now)
    throw refused(
      `The certificate in ${certificate} ended on ${leaf.validToDate.toISOString().slice(0, 10)}.`,
    )
  if (leaf.validFromDate > now)
    throw refused(
      `The certificate in ${certificate} begins on ${leaf.validFromDate.toISOString().slice(0, 10)} only.`,
    )
  return {
    fullchain: chain.map((part) => part.toString()).join(''),
    privateKey,
    issuer: issuerName(leaf),
    // nobody knows who trusts it: HSTS would lock out those who do not
    publiclyTrusted: false,
    source: 'files',
    names,
  }
}

function readText(file: string): string {
  try {
    if (statSync(file).size > LIMIT) throw new Error('it is too large')
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw refused(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, error)
  }
}

function parse(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw refused(`${file} holds a certificate that cannot be read.`, error)
  }
}

const refused = (detail: string, cause?: unknown) =>
  new SummonerError('certificate.failed', detail, {
    hint: 'Correct the files named in `tls.files` of config.yml; hosts use the internal certificate meanwhile.',
    cause,
  })

/** What is held for a group of hosts, whether it is time to order, and what stands in the way. */
import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { factsOf } from './acme/directory.ts'
import type { Certificate } from './certificate.ts'
import { heldFor } from './create-certificates.ts'
import type { Group } from './group.ts'
import { type Attempt, namesKey } from './budget.ts'
import { type Decision, decide, warningOf } from './ledger.ts'
import type { Ledger } from './ledger-store.ts'
import type { CertificateStore } from './store.ts'

interface JudgeDeps {
  ledger: Pick<Ledger, 'attempts' | 'renewal'>
  store: Pick<CertificateStore, 'get'>
  now(): Date
}

export function createJudge({ ledger, store, now }: JudgeDeps) {
  const heldBy = ({ source, hosts }: Group): Certificate | undefined => {
    const held = heldFor(hosts[0] ?? '', source, store, now())
    return held?.source === source.directory && source.names.every((name) => held.names.includes(name))
      ? held
      : undefined
  }

  const judge = (group: Group, asked = false): Decision => {
    const { source } = group
    const certificate = heldBy(group)
    const serial = certificate && serialOf(certificate)
    const { renewAt } = serial ? ledger.renewal(serial) : {}
    return decide({
      names: source.names,
      limits: factsOf(source.directory).limits,
      attempts: ledger.attempts(source.directory),
      now: now(),
      ...(certificate ? { certificate } : {}),
      ...(renewAt ? { renewAt } : {}),
      replaces: renewAt !== undefined,
      share: shareFor(group, serial),
      asked,
    })
  }

  const lastOf = ({ source }: Group): Attempt | undefined =>
    ledger.attempts(source.directory).findLast(({ names }) => names === namesKey(source.names))

  /** Why the host is not served with the certificate that config.yml asks for, or soon will not be. */
  const problemOf = (group: Group): string | undefined => {
    if (!group.source.required) return undefined
    const certificate = heldBy(group)
    if (certificate && warningOf(certificate, undefined, now()) === undefined) return undefined
    const last = lastOf(group)
    const { held, at } = judge(group)
    const reason = held ?? (last?.outcome === 'issued' ? undefined : last?.reason)
    return reason && `No certificate of ${new URL(group.source.directory).host}: ${reason} Next try: ${at}.`
  }

  return { heldBy, judge, lastOf, problemOf }
}
export type Judge = ReturnType<typeof createJudge>

/** The folder of a version is called after the serial number. */
export const serialOf = ({ certificateFile }: Certificate): string => basename(dirname(certificateFile))

/** Of one certificate, the same every time, spread evenly between 0 and 1. */
export const shareFor = ({ source }: Group, serial: string | undefined): number =>
  shareOf(`${namesKey(source.names)} ${serial ?? ''}`)

const shareOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32

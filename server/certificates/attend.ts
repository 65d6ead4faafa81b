/** What a certificate in use needs between two orders: the server's advice on when to renew, a warning before its end. */
import { readFileSync } from 'node:fs'
import type { Events } from '../events/event.ts'
import { type Advice, momentOf } from './acme/renewal-info.ts'
import type { Certificate } from './certificate.ts'
import type { Group } from './group.ts'
import { serialOf, shareFor } from './judge.ts'
import { namesKey } from './budget.ts'
import { warningOf } from './ledger.ts'
import type { Ledger } from './ledger-store.ts'
import type { AcmeSource } from './source.ts'

const HOUR = 3_600_000

export interface AttendDeps {
  ledger: Pick<Ledger, 'renewal' | 'advise' | 'warned'>
  events: Pick<Events, 'append'>
  now(): Date
  advice(source: AcmeSource, leafPem: string): Promise<Advice | undefined>
}

export function createAttend({ ledger, events, now, advice }: AttendDeps) {
  /** Once at 20 and once at 10 percent of its life. */
  const warn = (names: readonly string[], certificate: Certificate): void => {
    const serial = serialOf(certificate)
    const percent = warningOf(certificate, ledger.renewal(serial).warned, now())
    if (percent === undefined) return
    ledger.warned(serial, percent)
    const { notAfter, source } = certificate
    const todo = source === 'files' ? '; nobody but you renews it: lay a new one into `tls.files`' : ''
    events.append({
      type: 'certificate.expiring',
      severity: percent > 10 ? 'warning' : 'error',
      title: `The certificate of ${namesKey(names)} ends at ${notAfter}${todo}`,
      data: { names: [...names], notAfter, percent },
    })
  }

  return {
    warn,
    /** Asks the server for its advice where that is due, and warns of an end that comes near. */
    async attend(group: Group, certificate: Certificate): Promise<void> {
      const serial = serialOf(certificate)
      const known = ledger.renewal(serial)
      if (Date.parse(known.askAgainAt ?? '1970-01-01') <= now().getTime()) {
        const leaf = readFileSync(certificate.certificateFile, 'utf8')
        // also when it cannot even be asked: a file of `tls.ca` may be gone
        const told = await Promise.try(advice, group.source, leaf).catch(() => undefined)
        const moved = told && momentOf(told, shareFor(group, serial)).toISOString()
        ledger.advise(serial, {
          ...(moved ? { renewAt: moved } : known.renewAt ? { renewAt: known.renewAt } : {}),
          ...(told?.explanation ? { explanation: told.explanation } : {}),
          askAgainAt: (told?.askAgainAt ?? new Date(now().getTime() + 6 * HOUR)).toISOString(),
        })
      }
      warn(group.source.names, certificate)
    },
  }
}

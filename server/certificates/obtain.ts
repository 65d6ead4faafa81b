/** One try for one certificate: preflight, ledger, rehearsal, order, store. Every outcome is in the ledger. */
import { readFileSync } from 'node:fs'
import type { Events } from '../events/event.ts'
import { factsOf } from './acme/directory.ts'
import { ariId } from './acme/renewal-info.ts'
import { AcmeBusy } from './acme/transport.ts'
import type { Group } from './group.ts'
import type { Issued } from './issuer.ts'
import { type Judge, serialOf } from './judge.ts'
import { namesKey } from './budget.ts'
import { failuresOf, nextAttempt } from './ledger.ts'
import type { Ledger } from './ledger-store.ts'
import { type AcmeSource, storedAs } from './source.ts'
import type { CertificateStore } from './store.ts'

/** Failures in a row after which an order is tried at the staging server first. */
const REHEARSE_AFTER = 3

export interface ObtainDeps {
  ledger: Pick<Ledger, 'attempts' | 'renewal' | 'begin' | 'end'>
  store: Pick<CertificateStore, 'put'>
  events: Pick<Events, 'append'>
  now(): Date
  /** Between 0 and 1. */
  random(): number
  order(source: AcmeSource, options: { directory: string; replaces?: string }): Promise<Issued>
  /** Why an order would fail; undefined when nothing speaks against it. */
  preflight(source: AcmeSource): Promise<string | undefined>
}

/**
 * `elsewhere`: with `auto`, the name does not lead here, and nobody insists. `held`: others have used up a limit since it was
 * found to be due.
 */
export type Obtained = 'issued' | 'failed' | 'elsewhere' | 'held'

export function createObtain(deps: ObtainDeps, { heldBy, judge }: Pick<Judge, 'heldBy' | 'judge'>) {
  const { ledger, store, events, now } = deps

  return async (group: Group, asked = false): Promise<Obtained> => {
    const { source } = group
    const { names, directory } = source
    const key = namesKey(names)
    const { rehearsal } = factsOf(directory)
    const cause = await deps.preflight(source)
    if (cause !== undefined && !source.required) return 'elsewhere'
    // nothing may come between this look at the limits and the entry in the ledger
    if (!judge(group, asked).order) return 'held'
    const certificate = heldBy(group)
    const renewal = certificate && ledger.renewal(serialOf(certificate))
    const replaces =
      certificate && renewal?.renewAt ? ariId(readFileSync(certificate.certificateFile, 'utf8')) : undefined
    const id = ledger.begin({ directory, names, replaces: replaces !== undefined, now: now() })

    const fail = (outcome: 'failed' | 'refused', reason: string, retryAfter?: Date): Obtained => {
      const failures = failuresOf(ledger.attempts(directory), names)
      const retryAt = nextAttempt({
        failures,
        now: now(),
        ...(certificate ? { notAfter: certificate.notAfter } : {}),
        ...(retryAfter ? { retryAfter } : {}),
        random: deps.random(),
      })
      ledger.end(id, { outcome, now: now(), reason, retryAt })
      events.append({
        type: 'certificate.failed',
        severity: 'warning',
        title: `${key} has no new certificate: ${reason}`,
        data: { names, directory, reason, retryAt: retryAt.toISOString(), failures },
      })
      return 'failed'
    }

    if (cause !== undefined) return fail('refused', cause)
    const failures = failuresOf(ledger.attempts(directory), names) - 1
    if (rehearsal !== undefined && failures >= REHEARSE_AFTER) {
      try {
        await deps.order(source, { directory: rehearsal })
      } catch (error) {
        return fail('refused', `The rehearsal at the staging server failed: ${messageOf(error)}`)
      }
    }
    try {
      const issued = await deps.order(source, { directory, ...(replaces ? { replaces } : {}) })
      const stored = store.put(storedAs(names), names, issued)
      ledger.end(id, { outcome: 'issued', now: now() })
      events.append({
        type: 'certificate.issued',
        title: `${key} has a certificate until ${stored.notAfter.slice(0, 16)}`,
        data: { names, issuer: stored.issuer, notAfter: stored.notAfter },
      })
      return 'issued'
    } catch (error) {
      return fail('failed', messageOf(error), error instanceof AcmeBusy ? error.retryAfter : undefined)
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

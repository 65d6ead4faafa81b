/** What people are told of one certificate of an ACME server: what is held, what comes next, what is left of its limits. */
import { factsOf } from './acme/directory.ts'
import type { Certificate } from './certificate.ts'
import type { Group } from './group.ts'
import type { Judge } from './judge.ts'
import { type Budget, budgetOf } from './budget.ts'
import { failuresOf } from './ledger.ts'
import type { Ledger } from './ledger-store.ts'

export interface Kept {
  names: string[]
  /** Served with it, or waiting for it. */
  hosts: string[]
  directory: string
  certificate?: Certificate
  nextAttempt: string
  held?: string
  lastError?: string
  failures: number
  budget: Budget[]
}

/** `waits`: not before, in milliseconds. */
export function keptOf(
  group: Group,
  waits: number,
  { ledger, now }: { ledger: Pick<Ledger, 'attempts'>; now(): Date },
  { heldBy, judge, lastOf }: Judge,
): Kept {
  const { names, directory } = group.source
  const attempts = ledger.attempts(directory)
  const certificate = heldBy(group)
  const last = lastOf(group)
  const { at, held } = judge(group)
  const nextAt = Math.max(Date.parse(at), waits)
  return {
    names,
    hosts: group.hosts,
    directory,
    ...(certificate ? { certificate } : {}),
    nextAttempt: new Date(nextAt).toISOString(),
    ...(held ? { held } : {}),
    ...(last?.reason && last.outcome !== 'issued' ? { lastError: last.reason } : {}),
    failures: failuresOf(attempts, names),
    budget: budgetOf({ limits: factsOf(directory).limits, names, attempts, now: now() }),
  }
}

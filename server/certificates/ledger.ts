/** When to try for a certificate, and when to hold back. Pure. */
import { type Attempt, type Budget, type Limits, budgetOf, namesKey } from './budget.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const heldUntil = (budgets: readonly Budget[]): Budget | undefined =>
  budgets
    .filter(({ freeAt }) => freeAt !== undefined)
    .sort((a, b) => ((a.freeAt ?? '') < (b.freeAt ?? '') ? 1 : -1))[0]

const PAUSES = [1, 10, 100, 6 * 60, 12 * 60, 24 * 60].map((minutes) => minutes * MINUTE)
const SHORTEST_LATE = 15 * MINUTE

export interface RetryInput {
  /** Failures in a row, this one included. */
  failures: number
  now: Date
  /** Of the certificate in use. */
  notAfter?: string
  /** What the server asked for. */
  retryAfter?: Date
  /** Between 0 and 1. */
  random: number
}

/** Rarer with every failure, and more often again the less life is left. */
export function nextAttempt({ failures, now, notAfter, retryAfter, random }: RetryInput): Date {
  const pause = PAUSES[Math.min(Math.max(failures, 1), PAUSES.length) - 1] ?? DAY
  const left = notAfter === undefined ? Infinity : Math.max(0, Date.parse(notAfter) - now.getTime())
  const capped = Math.min(pause, Math.max(SHORTEST_LATE, left / 8))
  const spread = capped * (0.9 + 0.2 * random)
  return new Date(Math.max(now.getTime() + spread, retryAfter?.getTime() ?? 0))
}

const TEN_DAYS = 10 * DAY

/** Before the last third of life, or the last half of a life under ten days; a little earlier for each by its own share. */
export function dueAt({ notBefore, notAfter }: { notBefore: string; notAfter: string }, share: number): Date {
  const until = Date.parse(notAfter)
  const life = Math.max(0, until - Date.parse(notBefore))
  return new Date(until - life * ((life < TEN_DAYS ? 1 / 2 : 1 / 3) + 0.02 * share))
}

export interface Situation {
  names: readonly string[]
  limits: Limits
  /** All tries at this directory, oldest first. */
  attempts: readonly Attempt[]
  now: Date
  /** The certificate of this directory for these names, if there is one that still holds. */
  certificate?: { notBefore: string; notAfter: string }
  /** The server's own advice. */
  renewAt?: string
  /** The order will name the certificate that it replaces. */
  replaces: boolean
  share: number
  /** A person asks for it now. */
  asked?: boolean
}

export interface Decision {
  at: string
  order: boolean
  /** What the wait is for, where it is no plain waiting for the renewal. */
  held?: string
}

/** Order now, or wait until when. */
export function decide(situation: Situation): Decision {
  const { names, attempts, now, certificate, renewAt, asked = false } = situation
  const key = namesKey(names)
  const own = attempts.filter((attempt) => attempt.names === key)
  const last = own.at(-1)
  const issuedAt = own.findLast(({ outcome }) => outcome === 'issued')?.startedAt
  // a server that calls every certificate overdue must not be asked for them without end
  const advised = renewAt
    ? Math.max(Date.parse(renewAt), issuedAt === undefined ? 0 : Date.parse(issuedAt) + DAY)
    : Infinity
  const due = certificate ? Math.min(dueAt(certificate, situation.share).getTime(), advised) : 0
  const retry = last && last.outcome !== 'issued' ? retryOf(last) : 0
  const wanted = asked ? 0 : Math.max(due, retry)
  // the limits are looked at when it is time
  if (wanted > now.getTime()) return { at: new Date(wanted).toISOString(), order: false }
  // the same names again are no new certificate of their domain
  const renewal = certificate !== undefined || issuedAt !== undefined
  const budgets = situation.replaces ? [] : budgetOf(situation)
  const budget = heldUntil(budgets.filter(({ limit }) => !(renewal && limit === 'domain')))
  const free = budget?.freeAt ? Date.parse(budget.freeAt) : 0
  if (!budget || free <= now.getTime()) return { at: now.toISOString(), order: true }
  const held = `held back by the limit on ${WORDS[budget.limit]} (${budget.of})`
  return { at: new Date(free).toISOString(), order: false, held }
}

const WORDS: Record<keyof Limits, string> = {
  tries: 'orders for the same names',
  set: 'certificates for the same names',
  domain: 'new certificates of one domain',
  failures: 'failed validations of one name',
  orders: 'orders of one account',
}

/** A try that a crash cut off is repeated soon. */
const retryOf = ({ retryAt, startedAt }: Attempt): number =>
  retryAt === undefined ? Date.parse(startedAt) + MINUTE : Date.parse(retryAt)

/** Failures since the last success. */
export function failuresOf(attempts: readonly Attempt[], names: readonly string[]): number {
  const key = namesKey(names)
  let failures = 0
  for (const { names: of, outcome } of attempts) {
    if (of !== key) continue
    failures = outcome === 'issued' ? 0 : failures + 1
  }
  return failures
}

/** 20 or 10 when that little of its life is left and nobody was told yet. */
export function warningOf(
  { notBefore, notAfter }: { notBefore: string; notAfter: string },
  warned: number | undefined,
  now: Date,
): number | undefined {
  const until = Date.parse(notAfter)
  const left = (until - now.getTime()) / (until - Date.parse(notBefore))
  const mark = left <= 0.1 ? 10 : left <= 0.2 ? 20 : undefined
  return mark !== undefined && mark < (warned ?? 100) ? mark : undefined
}

/** When to try for a certificate, and when to hold back: counted from the tries of the past. Pure. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface Attempt {
  directory: string
  /** Sorted, separated by spaces. */
  names: string
  startedAt: string
  outcome: 'underway' | 'issued' | 'failed' | 'refused'
  replaces: boolean
  reason?: string
  retryAt?: string
}

export const namesKey = (names: readonly string[]): string => [...names].sort().join(' ')

interface Window {
  count: number
  milliseconds: number
}

/** What a server allows in a window of time; absent where it sets none. */
export interface Limits {
  /** Orders for exactly these names, whatever came of them. */
  tries: Window
  /** Certificates for exactly these names. */
  set?: Window
  /** New certificates below one registered domain. */
  domain?: Window
  /** Failed validations of one name. */
  failures: Window
  /** Orders of the account. */
  orders?: Window
}

export const LETS_ENCRYPT: Limits = {
  tries: { count: 5, milliseconds: HOUR },
  set: { count: 5, milliseconds: 7 * DAY },
  domain: { count: 50, milliseconds: 7 * DAY },
  failures: { count: 5, milliseconds: HOUR },
  orders: { count: 300, milliseconds: 3 * HOUR },
}

/** Politeness where nothing is known. */
export const UNKNOWN_SERVER: Limits = {
  tries: { count: 5, milliseconds: HOUR },
  failures: { count: 5, milliseconds: HOUR },
}

export interface Budget {
  limit: keyof Limits
  /** The domain or the names that it counts. */
  of: string
  left: number
  /** When one more becomes free, while none is left. */
  freeAt?: string
}

/** One is never used but by a person who asks for it. */
const RESERVE = 1

interface BudgetInput {
  limits: Limits
  names: readonly string[]
  /** Of this directory; older ones than the longest window do not matter. */
  attempts: readonly Attempt[]
  now: Date
  /** A person asks: the reserve may be used. */
  asked?: boolean
}

/** What is left of each limit. Tries that were never ended count as spent. */
export function budgetOf({ limits, names, attempts, now, asked = false }: BudgetInput): Budget[] {
  const key = namesKey(names)
  const spent = spentOf(attempts)
  const measure = (
    limit: keyof Limits,
    of: string,
    window: Window | undefined,
    all: readonly number[] = [],
  ): Budget[] => {
    if (!window) return []
    const times = all.filter((time) => time > now.getTime() - window.milliseconds)
    const allowed = window.count - (asked ? 0 : RESERVE)
    const left = Math.max(0, allowed - times.length)
    const oldest = times[times.length - allowed]
    return [
      left > 0 || oldest === undefined
        ? { limit, of, left }
        : { limit, of, left, freeAt: new Date(oldest + window.milliseconds).toISOString() },
    ]
  }
  return [
    ...measure('tries', key, limits.tries, spent.tries.get(key)),
    ...measure('set', key, limits.set, spent.sets.get(key)),
    ...[...new Set(names.map(registeredDomain))].flatMap((domain) =>
      measure('domain', domain, limits.domain, spent.domains.get(domain)),
    ),
    ...names.flatMap((name) => measure('failures', name, limits.failures, spent.failures.get(name))),
    ...measure('orders', 'account', limits.orders, spent.orders),
  ]
}

/** When each limit was drawn on, oldest first. */
interface Spent {
  tries: Map<string, number[]>
  sets: Map<string, number[]>
  domains: Map<string, number[]>
  failures: Map<string, number[]>
  orders: number[]
}

/** A thousand hosts ask the same list one after the other: it is read through once. */
const known = new WeakMap<readonly Attempt[], Spent>()

function spentOf(attempts: readonly Attempt[]): Spent {
  const found = known.get(attempts)
  if (found) return found
  const spent: Spent = {
    tries: new Map(),
    sets: new Map(),
    domains: new Map(),
    failures: new Map(),
    orders: [],
  }
  const add = (to: Map<string, number[]>, key: string, time: number) => {
    const times = to.get(key)
    if (times) times.push(time)
    else to.set(key, [time])
  }
  const issued = new Set<string>()
  const timed = attempts.map((attempt) => ({ ...attempt, time: Date.parse(attempt.startedAt) }))
  for (const { names, outcome, replaces, time } of timed.sort((one, other) => one.time - other.time)) {
    if (outcome === 'refused') continue
    const each = names.split(' ')
    add(spent.tries, names, time)
    if (!replaces) spent.orders.push(time)
    if (outcome !== 'failed' && !replaces) add(spent.sets, names, time)
    if (outcome !== 'issued') for (const name of each) add(spent.failures, name, time)
    // renewals of the same names do not count against the domain
    if (outcome === 'failed' || replaces || issued.has(names)) continue
    for (const domain of new Set(each.map(registeredDomain))) add(spent.domains, domain, time)
    if (outcome === 'issued') issued.add(names)
  }
  known.set(attempts, spent)
  return spent
}

/** The last two labels. Where the registry gives names below three (co.uk) this counts too much, never too little. */
export const registeredDomain = (name: string): string => name.split('.').slice(-2).join('.')

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

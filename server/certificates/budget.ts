/** What ACME servers allow, and what is left of it: counted from the tries of the past. Pure. */

const HOUR = 3_600_000
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

/** A delivery: one durable series of tries of one action for one event. Types and the pure rules of trying again. */
import { Type, type Static } from 'typebox'
import { DELIVERY_STATES } from './words.ts'

export const DeliverySchema = Type.Object({
  id: Type.Integer(),
  state: Type.Enum([...DELIVERY_STATES]),
  recipe: Type.String(),
  event: Type.Integer({ description: 'id of the event' }),
  step: Type.String({ description: 'where in the chain of the recipe' }),
  destination: Type.String({ description: 'channel:team, mail, minion:blog' }),
  /** What is said or done; secrets are never in it. */
  call: Type.Unknown(),
  attempts: Type.Integer(),
  createdAt: Type.String(),
  nextAt: Type.Optional(Type.String()),
  endedAt: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
  result: Type.Optional(Type.Unknown()),
  /** The delivery in whose message this one is told. */
  joined: Type.Optional(Type.Integer()),
})
export type Delivery = Static<typeof DeliverySchema>

/** What came of one try. */
export type Outcome =
  | { ok: true; value?: unknown; status?: number }
  | { ok: false; error: string; retry: boolean; status?: number; retryAfterMs?: number }

export interface Policy {
  tries: number
  /** Ceilings of the pauses after each try, in milliseconds; the pause is anything between nothing and that. */
  pauses: readonly number[]
  /** Given up at this age, tried or not: a destination that is down lets nothing through to be tried. */
  giveUpMs: number
  /** Of one try, everything included. */
  timeoutMs: number
  /** A delivery that failed so often no longer holds up those behind it. */
  holdsUpTries: number
  /** Failures in a row that open the circuit, and the pauses before each next probe. */
  breaker: { failures: number; firstMs: number; mostMs: number }
}

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000]

/** Twelve tries, at most three days: 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 5.7 h, then four times 16 h. */
export const POLICY: Policy = {
  tries: 12,
  pauses: [5, 20, 80, 320, 1280, 5120, 20_480, 57_600, 57_600, 57_600, 57_600].map(
    (seconds) => seconds * SECOND,
  ),
  giveUpMs: 73 * HOUR,
  timeoutMs: 20 * SECOND,
  holdsUpTries: 4,
  breaker: { failures: 5, firstMs: 10 * SECOND, mostMs: 10 * MINUTE },
}

const LONGEST_RETRY_AFTER = 24 * HOUR

/** Full jitter: those that failed together do not come back together. The receiver's own wish is a lower bound. */
export function pauseAfter(
  attempts: number,
  { retryAfterMs = 0 }: { retryAfterMs?: number | undefined },
  random: () => number,
  policy: Policy = POLICY,
): number {
  const ceiling = policy.pauses[Math.min(attempts, policy.pauses.length) - 1] ?? 0
  return Math.max(Math.round(ceiling * random()), Math.min(retryAfterMs, LONGEST_RETRY_AFTER))
}

export interface Breaker {
  /** In a row. */
  failures: number
  /** Closed while undefined; until then nothing is tried. */
  openUntil?: number
  /** How often a probe failed since it opened. */
  probes: number
}

export const closedBreaker = (): Breaker => ({ failures: 0, probes: 0 })

export function afterTry(
  breaker: Breaker,
  worked: boolean,
  at: number,
  random: () => number,
  { breaker: rules }: Policy = POLICY,
): Breaker {
  if (worked) return closedBreaker()
  const failures = breaker.failures + 1
  if (failures < rules.failures) return { ...breaker, failures }
  const probes = breaker.openUntil === undefined ? 0 : breaker.probes + 1
  const pause = Math.min(rules.firstMs * 2 ** probes, rules.mostMs)
  return { failures, probes, openUntil: at + Math.round(pause * (0.75 + random() / 2)) }
}

/** Seconds or a date, as RFC 9110 has it; undefined when it makes no sense. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined
  const seconds = Number(header)
  const wait = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * SECOND
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined
}

/** What is known of one destination while it is in use: whether it is busy, its circuit, how fast it may be told. Pure. */
import { closedBreaker, type Breaker } from './delivery.ts'

export interface Lane {
  destination: string
  busy: boolean
  breaker: Breaker
  /** Asked for patience until then. */
  pausedUntil: number
  /** Nothing to do before; 0: look now. */
  wakeAt: number
  tokens: number
  refilledAt: number
  /** A dead letter was told of since the last success. */
  told: boolean
}

export function createLane(destination: string): Lane {
  return {
    destination,
    busy: false,
    breaker: closedBreaker(),
    pausedUntil: 0,
    wakeAt: 0,
    tokens: Infinity,
    refilledAt: 0,
    told: false,
  }
}

/** When the destination may be told again by its own rate: now, or later. */
export function rateAllowsAt(
  lane: Lane,
  { perSecond, burst }: { perSecond: number; burst: number },
  now: number,
): number {
  const refilled = lane.tokens + ((now - lane.refilledAt) * perSecond) / 1000
  lane.tokens = Math.min(burst, refilled)
  lane.refilledAt = now
  return lane.tokens >= 1 ? now : now + Math.ceil(((1 - lane.tokens) * 1000) / perSecond)
}

/**
 * The queue of deliveries: at least once, in order per destination, one destination never waiting for another. Every
 * claim and every outcome is on the disk before what follows from it; those of one turn share a commit.
 */
import type { Database } from 'better-sqlite3'
import type { Advance } from './advance.ts'
import type { DeliveryRow, DeliveryStore } from './delivery-store.ts'
import { afterTry, pauseAfter, type Outcome, type Policy } from './delivery.ts'
import { groupedCall, joinBurst } from './gather.ts'
import { createLane, rateAllowsAt, type Lane } from './lane.ts'
import type { Renderer } from './render-text.ts'
import type { RunStore } from './run-store.ts'
import type { Call } from './walk.ts'

export interface Clock {
  now(): number
  /** Returns the way to call it off. */
  after(milliseconds: number, work: () => void): () => void
}

export interface DispatchDeps {
  db: Database
  runs: RunStore
  deliveries: DeliveryStore
  renderer(): Renderer
  advance: Advance
  clock: Clock
  random(): number
  policy: Policy
  rateOf(call: Call): { perSecond: number; burst: number; joins: boolean }
  carryOut(row: DeliveryRow, call: Call, onProgress: (parts: number) => void): Promise<Outcome>
  /** How long a try of this may take: the lease of its claim. */
  leaseMs(call: Call): number
  onNews(news: News): void
  onError(error: unknown): void
}

export type News =
  | { kind: 'failing'; destination: string; error: string }
  | { kind: 'recovered'; destination: string }
  | { kind: 'dead'; destination: string; recipe: string; error: string; attempts: number }

interface Finished {
  row: DeliveryRow
  lane: Lane
  outcome: Outcome
  began: number
}

const MOST_AT_ONCE = 64
/** Clocks are set, machines sleep. */
const LONGEST_SLEEP = 600_000
/** Of a destination that is told more slowly than it gets news. */
const LOOK_AHEAD = 24

export type Dispatcher = ReturnType<typeof createDispatcher>

export function createDispatcher(deps: DispatchDeps) {
  const { db, deliveries, clock, policy } = deps
  const lanes = new Map<string, Lane>()
  let finished: Finished[] = []
  let inFlight = 0
  let scheduled = false
  let working = false
  let draining = false
  let cancelTimer = () => {}
  let idle: (() => void)[] = []

  function laneOf(destination: string): Lane {
    const known = lanes.get(destination)
    if (known) return known
    const lane = createLane(destination)
    lanes.set(destination, lane)
    return lane
  }

  function soon(): void {
    if (scheduled || !working) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      if (!working) return
      try {
        turn()
      } catch (error) {
        deps.onError(error)
        // what was finished is still in memory: a full disk may have room again
        cancelTimer()
        cancelTimer = clock.after(2_000, soon)
      }
    })
  }

  /** One commit: outcomes in, what became due out, the next of every free lane claimed; then the tries begin. */
  function turn(): void {
    const now = clock.now()
    const news: News[] = []
    const done = finished
    const claimed = db
      .transaction(() => {
        for (const one of done) settle(one, now, news)
        ripen(now)
        return draining ? [] : claimDue(now, news)
      })
      .immediate()
    finished = finished.slice(done.length)
    for (const one of claimed) begin(one, now)
    for (const one of news) deps.onNews(one)
    sleep(clock.now())
    if (inFlight === 0 && finished.length === 0 && idle.length > 0) {
      const waiting = idle
      idle = []
      for (const resolve of waiting) resolve()
    }
  }

  function begin({ lane, row, call }: { lane: Lane; row: DeliveryRow; call: Call }, began: number): void {
    inFlight++
    const onProgress = (parts: number) => deliveries.progress(row.id, parts)
    void deps
      .carryOut(row, call, onProgress)
      .catch((error: unknown): Outcome => {
        deps.onError(error)
        return { ok: false, retry: true, error: error instanceof Error ? error.message : String(error) }
      })
      .then((outcome) => {
        inFlight--
        finished.push({ row, lane, outcome, began })
        soon()
      })
  }

  function settle({ row, lane, outcome, began }: Finished, now: number, news: News[]): void {
    const attempts = row.attempts + 1
    const { id } = row
    lane.busy = false
    const members = deliveries.members(id)
    deliveries.attempted(
      id,
      attempts,
      began,
      Math.max(0, now - began),
      outcome.status,
      outcome.ok ? undefined : outcome.error,
    )
    turnCircuit(lane, outcome, now, news)
    if (outcome.ok) {
      lane.told = false
      deliveries.end(id, 'delivered', now, { result: outcome.value, ...madeIn(outcome.value) })
    } else {
      const { retryAfterMs, error } = outcome
      if (retryAfterMs !== undefined) lane.pausedUntil = Math.max(lane.pausedUntil, now + retryAfterMs)
      if (outcome.retry && attempts < policy.tries && now < row.give_up_at) {
        deliveries.again(
          id,
          now + pauseAfter(attempts, { retryAfterMs }, deps.random, policy),
          error,
          attempts >= policy.holdsUpTries,
        )
        lane.wakeAt = 0
        return
      }
      giveUp(row, attempts, error, now, lane, news)
    }
    lane.wakeAt = 0
    for (const run of new Set([row.run, ...members.map((member) => member.run)])) deps.advance.advanceRun(run)
  }

  function giveUp(
    row: DeliveryRow,
    attempts: number,
    error: string,
    now: number,
    lane: Lane,
    news: News[],
  ): void {
    deliveries.end(row.id, 'dead', now, { error })
    if (lane.told) return
    lane.told = true
    const recipe = deps.runs.get(row.run)?.recipe.name ?? ''
    news.push({ kind: 'dead', destination: row.destination, recipe, error, attempts })
  }

  function turnCircuit(lane: Lane, outcome: Outcome, now: number, news: News[]): void {
    const wasOpen = lane.breaker.openUntil !== undefined
    // a target that refuses one message is there all the same; one that knows no such address is not
    const there = outcome.ok || (!outcome.retry && ![401, 403, 404, 410].includes(outcome.status ?? 404))
    const patience = !outcome.ok && outcome.retryAfterMs !== undefined
    if (!patience || there) lane.breaker = afterTry(lane.breaker, there, now, deps.random, policy)
    const isOpen = lane.breaker.openUntil !== undefined
    const { destination } = lane
    if (isOpen && !wasOpen && !outcome.ok) news.push({ kind: 'failing', destination, error: outcome.error })
    if (!isOpen && wasOpen) news.push({ kind: 'recovered', destination })
  }

  /** Delays that ended, groups whose time is up. */
  function ripen(now: number): void {
    for (const row of deliveries.ripe(now)) {
      const call = row.group_key === null ? row.call : JSON.stringify(groupedCall(row, deps))
      deliveries.ready(row.id, now, call)
      laneOf(row.destination).wakeAt = 0
    }
  }

  function claimDue(now: number, news: News[]) {
    const claimed: { lane: Lane; row: DeliveryRow; call: Call }[] = []
    for (const lane of lanes.values()) {
      if (inFlight + claimed.length >= MOST_AT_ONCE) break
      if (lane.busy || lane.wakeAt > now) continue
      const one = nextOf(lane, now, news)
      if (!one) continue
      lane.busy = true
      claimed.push({ lane, ...one })
    }
    return claimed
  }

  function nextOf(lane: Lane, now: number, news: News[]): { row: DeliveryRow; call: Call } | undefined {
    let row = deliveries.next(lane.destination, now)
    while (row && row.give_up_at <= now) {
      giveUp(row, row.attempts, row.error ?? 'nothing was let through for three days', now, lane, news)
      deps.advance.advanceRun(row.run)
      row = deliveries.next(lane.destination, now)
    }
    if (!row) {
      if (lane.breaker.failures === 0 && lane.pausedUntil <= now && !lane.told) lanes.delete(lane.destination)
      else lane.wakeAt = Infinity
      return undefined
    }
    const call = JSON.parse(row.call) as Call
    const rate = deps.rateOf(call)
    const allowedAt = Math.max(row.due_at, lane.pausedUntil, lane.breaker.openUntil ?? 0)
    const at = allowedAt > now ? allowedAt : rateAllowsAt(lane, rate, now)
    if (at > now) {
      lane.wakeAt = at
      return undefined
    }
    lane.tokens -= 1
    deliveries.claim(row.id, now + deps.leaseMs(call))
    const together =
      rate.joins && row.attempts === 0 && row.group_key === null && deliveries.memberCount(row.id) === 0
        ? joinBurst(row, deliveries.fresh(lane.destination, row.id, now, LOOK_AHEAD), deliveries)
        : call
    return { row, call: together }
  }

  /** One timer, for whatever comes first. */
  function sleep(now: number): void {
    cancelTimer()
    let at = deliveries.nextRipe() ?? Infinity
    for (const lane of lanes.values()) if (!lane.busy) at = Math.min(at, lane.wakeAt)
    if (at === Infinity || !working) return
    if (at <= now && inFlight < MOST_AT_ONCE) return soon()
    cancelTimer = clock.after(Math.min(Math.max(at - now, 1), LONGEST_SLEEP), soon)
  }

  return {
    /** Something new waits; '' where only the timer must be set anew. */
    awake(destination: string): void {
      if (destination !== '') laneOf(destination).wakeAt = 0
      soon()
    },
    start(): void {
      // whoever held these leases is gone: there is one daemon
      deliveries.release(Number.MAX_SAFE_INTEGER)
      for (const destination of deliveries.destinations()) laneOf(destination)
      working = true
      soon()
    },
    /** Waits for tries that are under way; what they bring is kept. */
    async stop(graceMs: number): Promise<void> {
      draining = true
      const busy = inFlight > 0 || finished.length > 0
      if (working && busy) {
        let timer: NodeJS.Timeout | undefined
        const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)))
        await Promise.race([new Promise<void>((resolve) => idle.push(resolve)), grace])
        clearTimeout(timer)
      }
      working = false
      cancelTimer()
    },
    /** How the destinations are, for people. */
    lanes: () =>
      [...lanes.values()].map(({ destination, breaker, pausedUntil }) => ({
        destination,
        breaker,
        pausedUntil,
      })),
  }
}

/** The address of what was made, when the target says it. */
function madeIn(value: unknown): { made?: string } {
  const url = (value as { url?: unknown } | undefined)?.url
  return typeof url === 'string' ? { made: url } : {}
}

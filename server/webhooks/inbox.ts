/** Takes webhooks in: those that arrive together go to the disk in one commit, then are answered. */
import { createHash, hash } from 'node:crypto'
import type { Events, NewEvent } from '../events/event.ts'
import type { Seen } from './seen.ts'

/** Longer than any tool tries again. */
const REMEMBER_MS = 7 * 24 * 60 * 60_000
/** Where only the body tells: the same words may be meant again later. */
const REMEMBER_BODY_MS = 5 * 60_000

export interface Delivery {
  source: string
  /** Each with what names it: one body may carry several. */
  parts: { key: Buffer; until: number; event: NewEvent }[]
}

export interface Inbox {
  /** Resolves when it is on the disk; true when any part of it was new. */
  take(delivery: Delivery): Promise<boolean>
}

interface InboxDeps {
  events: Pick<Events, 'appendWith'>
  seen: Pick<Seen, 'claim' | 'settle'>
  now(): Date
  /** Many came together. */
  onCrowd?(): void
}

/** While each turn of the event loop brings more, the commit waits for them: one wait for the disk instead of several. */
const MOST_TURNS = 8
const MOST_TOGETHER = 200
const CROWD = 8

interface Waiting {
  delivery: Delivery
  resolve(isNew: boolean): void
  reject(error: unknown): void
}

export function createInbox({ events, seen, now, onCrowd = () => {} }: InboxDeps): Inbox {
  let waiting: Waiting[] = []

  const write = (batch: readonly Waiting[]) => {
    const at = now().getTime()
    let kept = false
    try {
      const results = events.appendWith((append) =>
        batch.map(({ delivery }) => {
          const fresh = delivery.parts.filter(({ key, until }) => seen.claim(delivery.source, key, until, at))
          for (const { event } of fresh) append(event)
          return fresh.length > 0
        }),
      )
      kept = true
      return results
    } finally {
      seen.settle(kept)
    }
  }
  const flush = () => {
    const batch = waiting
    waiting = []
    try {
      const results = write(batch)
      batch.forEach(({ resolve }, index) => resolve(results[index] ?? false))
    } catch (error) {
      if (batch.length === 1) return batch[0]?.reject(error)
      // one that cannot be written must not take its neighbours with it
      for (const one of batch) {
        try {
          one.resolve(write([one])[0] ?? false)
        } catch (reason) {
          one.reject(reason)
        }
      }
    }
  }

  const gather = (before: number, turns: number) => {
    const grew = waiting.length > before
    if (grew && turns < MOST_TURNS && waiting.length < MOST_TOGETHER) {
      setImmediate(gather, waiting.length, turns + 1)
      return
    }
    if (waiting.length >= CROWD) onCrowd()
    flush()
  }

  return {
    take: (delivery) =>
      new Promise((resolve, reject) => {
        if (waiting.push({ delivery, resolve, reject }) === 1) setImmediate(gather, 1, 0)
      }),
  }
}

/** What names a delivery, and how long it is remembered. */
export function keyOf(
  id: string | undefined,
  body: { raw: Buffer; event: string | undefined },
  part: number,
  now: number,
): { key: Buffer; until: number } {
  const named =
    id === undefined
      ? createHash('sha256')
          .update(`body ${part} ${body.event ?? ''}\n`)
          .update(body.raw)
          .digest()
      : hash('sha256', `id ${part} ${id}`, 'buffer')
  return {
    key: named.subarray(0, 16),
    until: now + (id === undefined ? REMEMBER_BODY_MS : REMEMBER_MS),
  }
}

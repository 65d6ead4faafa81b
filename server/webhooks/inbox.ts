/** Takes webhooks in: those that arrive together go to the disk in one commit, then are answered. */
import { createHash, hash } from 'node:crypto'
import type { Events, NewEvent } from '../events/event.ts'
import type { Seen, SeenKey } from './seen.ts'

/** Longer than any tool tries again. */
const REMEMBER_MS = 7 * 24 * 60 * 60_000
/** Where only the body tells: the same words may be meant again later. */
const REMEMBER_BODY_MS = 5 * 60_000

/** An event with what names it, so that it is taken once. */
export interface Part extends SeenKey {
  event: NewEvent
}

export interface Inbox {
  /** Of one body, which may carry several. Resolves when it is on the disk; true when any part of it was new. */
  take(parts: readonly Part[]): Promise<boolean>
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
  parts: readonly Part[]
  resolve(isNew: boolean): void
  reject(error: unknown): void
}

export function createInbox({ events, seen, now, onCrowd = () => {} }: InboxDeps): Inbox {
  let waiting: Waiting[] = []

  const write = (batch: readonly Waiting[]) => {
    const at = now().getTime()
    let kept = false
    try {
      const results = events.appendWith((append) => {
        const unseen = seen.claim(
          batch.flatMap(({ parts }) => parts),
          at,
        )
        return batch.map(({ parts }) => {
          const fresh = parts.filter((part) => unseen.has(part))
          for (const { event } of fresh) append(event)
          return fresh.length > 0
        })
      })
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
    take: (parts) =>
      new Promise((resolve, reject) => {
        if (waiting.push({ parts, resolve, reject }) === 1) setImmediate(gather, 1, 0)
      }),
  }
}

/** What names a delivery, and how long it is remembered. */
export function keyOf(
  id: string | undefined,
  body: { raw: Buffer; event: string | undefined },
  part: number,
  now: number,
): Pick<SeenKey, 'key' | 'until'> {
  const named =
    id === undefined
      ? createHash('sha256')
          .update(`body ${part} ${body.event ?? ''}\n`)
          .update(body.raw)
          .digest('hex')
      : hash('sha256', `id ${part} ${id}`)
  return {
    key: named.slice(0, 32),
    until: now + (id === undefined ? REMEMBER_BODY_MS : REMEMBER_MS),
  }
}

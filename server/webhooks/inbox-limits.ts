/** What one sender may use: webhooks in a second, memory while bodies come in, tries with a wrong secret. */

export interface Rate {
  /** Seconds until there is room again; 0 when there is. */
  take(source: string, perSecond: number): number
}

/** A bucket for each source; a burst of ten seconds' worth is let through at once. */
export function createRate(now: () => number): Rate {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    take(source, perSecond) {
      const most = perSecond * 10
      const at = now()
      const bucket = buckets.get(source) ?? { left: most, at }
      bucket.left = Math.min(most, bucket.left + ((at - bucket.at) / 1000) * perSecond)
      bucket.at = at
      buckets.set(source, bucket)
      if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / perSecond))
      bucket.left--
      return 0
    },
  }
}

const MOST_CLIENTS = 10_000

/** Clients that were refused too often within a minute are turned away unread. */
export function createStrikes(now: () => number, most = 60, windowMs = 60_000) {
  const clients = new Map<string, { count: number; since: number }>()
  return {
    any: () => clients.size > 0,
    isOut(client: string): boolean {
      const known = clients.get(client)
      return known !== undefined && known.count >= most && now() - known.since < windowMs
    },
    count(client: string): void {
      const known = clients.get(client)
      if (known && now() - known.since < windowMs) {
        known.count++
        return
      }
      clients.delete(client)
      clients.set(client, { count: 1, since: now() })
      // the oldest go first: a map keeps its order
      const [oldest] = clients.keys()
      if (clients.size > MOST_CLIENTS && oldest !== undefined) clients.delete(oldest)
    },
  }
}

/** Counts of every source: kept in memory, written every few seconds, told to the team when a sender is refused. */
import type { Events } from '../events/event.ts'
import type { Counts, createInboxStore } from './inbox-store.ts'

/** Why a webhook was not taken. */
export type Refusal =
  | 'token'
  | 'rate'
  | 'encoding'
  | 'content-type'
  | 'too-large'
  | 'slow'
  | 'signature'
  | 'timestamp'
  | 'malformed'

/** Only somebody who knows the address comes so far: it is set up wrongly, or it leaked. */
const WORRYING: Partial<Record<Refusal, string>> = {
  signature: 'the secret or signature is wrong',
  timestamp: 'the time of the signature is more than 5 minutes off',
}
const TELL_AGAIN_MS = 60 * 60_000

interface CountsDeps {
  store: Pick<ReturnType<typeof createInboxStore>, 'counts' | 'write'>
  events: Pick<Events, 'append'>
  now(): Date
}

export function createCounts({ store, events, now }: CountsDeps) {
  const all = store.counts()
  const changed = new Set<string>()
  const used = new Map<string, string>()
  const told = new Map<string, number>()
  const of = (source: string): Counts => {
    const known = all.get(source) ?? { accepted: 0, repeated: 0, refused: {} }
    all.set(source, known)
    changed.add(source)
    return known
  }
  return {
    of: (source: string): Counts => all.get(source) ?? { accepted: 0, repeated: 0, refused: {} },
    taken(source: string, tokenId: string, repeated: boolean) {
      const counts = of(source)
      counts[repeated ? 'repeated' : 'accepted']++
      counts.seenAt = now().toISOString()
      used.set(tokenId, counts.seenAt)
    },
    refused(source: string, reason: Refusal, minion?: string) {
      const counts = of(source)
      counts.refused[reason] = (counts.refused[reason] ?? 0) + 1
      counts.refusedAt = now().toISOString()
      counts.refusedFor = reason
      const words = WORRYING[reason]
      const key = `${source} ${reason}`
      if (words === undefined || now().getTime() - (told.get(key) ?? 0) < TELL_AGAIN_MS) return
      told.set(key, now().getTime())
      events.append({
        type: 'source.refused',
        severity: 'warning',
        ...(minion === undefined ? {} : { minion }),
        title: `Webhooks of ${source} are refused: ${words}`,
        data: { source, reason },
      })
    },
    write() {
      if (changed.size === 0 && used.size === 0) return
      store.write(
        [...changed].map((source) => [source, of(source)]),
        [...used],
      )
      changed.clear()
      used.clear()
    },
  }
}

/**
 * What was taken already. Keys are hashes, so each would be written to another place of a large table: they are appended first,
 * in the commit of their events, and moved to the table in the order of their keys, a few hundred in each turn.
 */
import type { createSeenStore } from './seen-store.ts'

const MOVE_AT = 10_000
const SLICE = 500

export interface SeenKey {
  source: string
  /** Hexadecimal. */
  key: string
  until: number
}

interface SeenDeps {
  store: ReturnType<typeof createSeenStore>
  onError(error: unknown): void
  /** Appended keys after which they are moved. */
  moveAt?: number
  soon?: (work: () => void) => void
}

const nameOf = ({ source, key }: SeenKey) => `${source} ${key}`

export type Seen = ReturnType<typeof createSeen>

export function createSeen({
  store,
  onError,
  moveAt = MOVE_AT,
  soon = (work) => void setImmediate(work),
}: SeenDeps) {
  /** As they lie in the table of appended keys. */
  const fresh = new Map<string, SeenKey>()
  /** Of the transaction under way. */
  let claimed: string[] = []
  let moving = false

  const add = (one: SeenKey) => void fresh.set(nameOf(one), one)
  for (const one of store.appended()) add(one)

  function move(): void {
    if (moving || fresh.size === 0) return
    moving = true
    const upTo = store.lastAppended()
    const sorted = [...fresh].sort(([one], [other]) => (one < other ? -1 : 1))
    const slice = (from: number) => {
      try {
        const part = sorted.slice(from, from + SLICE)
        store.keep(part.map(([, key]) => key))
        if (from + SLICE < sorted.length) return soon(() => slice(from + SLICE))
        store.forgetAppended(upTo)
        for (const [name, key] of sorted) if (fresh.get(name) === key) fresh.delete(name)
      } catch (error) {
        // they stay where they are, and are moved another time
        onError(error)
      }
      moving = false
    }
    slice(0)
  }

  return {
    /** Those that were not seen before, or whose time is over. In a transaction that ends with `settle`. */
    claim<Key extends SeenKey>(keys: readonly Key[], now: number): Set<Key> {
      const kept = new Map(store.known(keys).map((one) => [nameOf(one), one]))
      const added: SeenKey[] = []
      const unseen = keys.filter((one) => {
        const name = nameOf(one)
        const known = fresh.get(name) ?? kept.get(name)
        if (known !== undefined && known.until >= now) return false
        const { source, key, until } = one
        const mine = { source, key, until }
        fresh.set(name, mine)
        added.push(mine)
        claimed.push(name)
        return true
      })
      if (added.length > 0) store.append(added)
      return new Set(unseen)
    },
    /** The transaction was kept, or taken back. */
    settle(kept: boolean): void {
      if (!kept) for (const name of claimed) fresh.delete(name)
      claimed = []
      if (fresh.size >= moveAt) soon(move)
    },
    move,
    forget: (now: number) => store.forget(now),
  }
}

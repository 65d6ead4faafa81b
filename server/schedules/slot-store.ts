/** What every schedule was carried out for last. */
import type { Database } from 'better-sqlite3'

export interface Slot {
  cron: string
  slot: string
  ranAt?: string
}

export type SlotStore = ReturnType<typeof createSlotStore>

export function createSlotStore(db: Database) {
  const get = db.prepare<[string], { cron: string; slot: string; ran_at: string | null }>(
    'SELECT cron, slot, ran_at FROM schedule_slots WHERE key = ?',
  )
  const set = db.prepare(`
    INSERT INTO schedule_slots (key, cron, slot, ran_at) VALUES (@key, @cron, @slot, @ranAt)
    ON CONFLICT (key) DO UPDATE SET cron = excluded.cron, slot = excluded.slot, ran_at = coalesce(excluded.ran_at, ran_at)`)
  return {
    get(key: string): Slot | undefined {
      const row = get.get(key)
      return row && { cron: row.cron, slot: row.slot, ...(row.ran_at ? { ranAt: row.ran_at } : {}) }
    },
    set: (key: string, { cron, slot, ranAt }: Slot): void =>
      void set.run({ key, cron, slot, ranAt: ranAt ?? null }),
    /** Both or neither: what was noted as done and what was queued for it. */
    together: (work: () => void): void => db.transaction(work).immediate(),
  }
}

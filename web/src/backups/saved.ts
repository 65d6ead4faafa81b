/** What the daemon knows of what was saved: asked for together, because each needs the others. */
import type { DumpRecord } from '../../../server/backups/dump.ts'
import type { Verdict } from '../../../server/backups/retention.ts'
import type { BackupSet } from '../../../server/backups/set.ts'
import type { ScheduleView } from '../../../server/schedules/schedule.ts'
import { useAsk } from '../api/ask.ts'
import { get, part } from '../api/client.ts'

export interface Saved {
  sets: readonly BackupSet[]
  dumps: readonly DumpRecord[]
  damaged: readonly { minion: string; file: string; why: string }[]
  /** By set. */
  kept: ReadonlyMap<string, Verdict>
  schedules: readonly ScheduleView[]
}

/** Of one minion, or of all. */
export function useSaved(minion?: string) {
  const only = minion === undefined ? '' : `?minion=${part(minion)}`
  return useAsk(
    async (): Promise<Saved> => {
      const [{ sets }, dumps, retention, { schedules }] = await Promise.all([
        get<{ sets: BackupSet[] }>(`/backups${only}`),
        get<Pick<Saved, 'dumps' | 'damaged'>>(`/dumps${only}`),
        get<{ minions: { sets: Verdict[] }[] }>('/retention'),
        get<{ schedules: ScheduleView[] }>('/schedules'),
      ])
      return {
        sets: sets.filter(({ state }) => state !== 'removed'),
        ...dumps,
        kept: new Map(
          retention.minions.flatMap((one) => one.sets.map((verdict) => [verdict.set, verdict] as const)),
        ),
        schedules: schedules.filter((one) => minion === undefined || one.minion === minion),
      }
    },
    [minion],
    { live: true },
  )
}

/** The sets of Summoner itself stand under this name; they come back by `install.sh --recover`, not by a button. */
export const BOX = 'summoner'

export const newestGood = (sets: readonly BackupSet[]): BackupSet | undefined =>
  sets.find(({ state }) => state === 'good')

export const momentOf = (set: BackupSet): string => set.at ?? set.startedAt

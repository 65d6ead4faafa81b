/** Which sets stay, and why. Pure; the reasons are shown before anything is removed. */
import { wallOf } from '../schedules/wall-clock.ts'
import type { BackupSet } from './set.ts'

export interface Keep {
  last?: number
  hourly?: number
  daily?: number
  weekly?: number
  monthly?: number
  yearly?: number
}

export interface Verdict {
  set: string
  at: string
  keep: boolean
  /** Why it stays; why it goes. */
  reasons: string[]
}

/** A restore may turn out to be a mistake days later. */
const RESTORE_POINT_DAYS = 7

const PERIODS = [
  ['hourly', (wall: string) => wall.slice(0, 13)],
  ['daily', (wall: string) => wall.slice(0, 10)],
  ['weekly', weekOf],
  ['monthly', (wall: string) => wall.slice(0, 7)],
  ['yearly', (wall: string) => wall.slice(0, 4)],
] as const

/** The good sets of one minion, in any order. A policy that keeps nothing removes nothing. */
export function judge(
  sets: readonly Pick<BackupSet, 'id' | 'at' | 'startedAt' | 'reason' | 'proof'>[],
  keep: Keep,
  { now, zone }: { now: Date; zone: string },
): Verdict[] {
  const sorted = sets
    .map((set) => ({ set, at: set.at ?? set.startedAt, reasons: [] as string[] }))
    .toSorted((a, b) => b.at.localeCompare(a.at))
  const sound = sorted.filter(({ set }) => set.proof?.passed !== false)

  for (const one of sorted.slice(0, keep.last ?? 0)) one.reasons.push('last')
  for (const [period, bucketOf] of PERIODS) {
    // a set that failed its proof must not stand for its day
    const buckets = new Map<string, (typeof sorted)[number]>()
    for (const one of [...sound, ...sorted]) {
      const bucket = bucketOf(wallOf(new Date(one.at), zone))
      if (!buckets.has(bucket)) buckets.set(bucket, one)
    }
    const newest = [...buckets].toSorted(([a], [b]) => b.localeCompare(a)).slice(0, keep[period] ?? 0)
    for (const [bucket, one] of newest) one.reasons.push(`${period} ${bucket}`)
  }
  sound[0]?.reasons.push('the newest good set')
  sound.find(({ set }) => set.proof?.passed)?.reasons.push('the newest proven set')
  const recent = now.getTime() - RESTORE_POINT_DAYS * 86_400_000
  for (const one of sorted)
    if (one.set.reason === 'restore-point' && Date.parse(one.at) > recent)
      one.reasons.push(`a restore point of the last ${RESTORE_POINT_DAYS} days`)

  const empty = Object.values(keep).every((count) => !count)
  return sorted.map(({ set, at, reasons }) => {
    if (empty) return { set: set.id, at, keep: true, reasons: ['the policy is empty'] }
    if (reasons.length > 0) return { set: set.id, at, keep: true, reasons }
    if (sound.length === 0) return { set: set.id, at, keep: true, reasons: ['no set is known to be good'] }
    return {
      set: set.id,
      at,
      keep: false,
      reasons: [`outside the policy; ${sound[0]?.set.id} is newer and good`],
    }
  })
}

/** ISO week: `2026-W01` begins with the Monday of the week that has the first Thursday. */
function weekOf(wall: string): string {
  const date = new Date(`${wall.slice(0, 10)}T00:00:00Z`)
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * 86_400_000)
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  const week = 1 + Math.floor((thursday.getTime() - first) / (7 * 86_400_000))
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`
}

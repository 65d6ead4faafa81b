/** A destination: a further restic repository, off this disk. Its state, what it should hold, when it is tried again. Pure. */
import { Type, type Static } from 'typebox'
import { NAME } from '../../config/config.ts'
import { judge, type Keep } from '../retention.ts'
import type { BackupSet } from '../set.ts'

export const DESTINATION_STATES = ['ok', 'behind', 'failed'] as const

export const DestinationSchema = Type.Object({
  name: Type.String({ pattern: NAME }),
  to: Type.String(),
  /** `ok`: it holds what it should. `behind`: sets wait for their copy. `failed`: the last try failed. */
  state: Type.Enum(DESTINATION_STATES),
  /** Why it failed, and since when it does. */
  problem: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  since: Type.Optional(Type.String()),
  tries: Type.Integer(),
  retryAt: Type.Optional(Type.String()),
  /** Sets it holds, and those it should hold and does not. */
  sets: Type.Integer(),
  missing: Type.Integer(),
  /** The instant that the newest set there stands for. */
  newest: Type.Optional(Type.String()),
  /** When it was last found whole and up to date. */
  succeededAt: Type.Optional(Type.String()),
  /** The job that works on it. */
  job: Type.Optional(Type.String()),
})
export type DestinationView = Static<typeof DestinationSchema>

/** What is known of a destination, kept in SQLite. */
export interface DestinationRecord {
  name: string
  to: string
  /** The repository's own name for itself: another one there is not ours to write to. */
  repository?: string
  problem?: string
  code?: string
  since?: string
  tries: number
  retryAt?: string
  succeededAt?: string
  checkedAt?: string
}

const FIRST_PAUSE_MS = 20_000
const LONGEST_PAUSE_MS = 3_600_000

/** After the first failure, the second, …; a quarter more or less, so that boxes do not come all at once. */
export function pauseAfter(tries: number, random: number): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries - 1, 20))
  return Math.round(pause * (0.75 + random / 2))
}

type Candidate = Pick<BackupSet, 'id' | 'minion' | 'at' | 'startedAt' | 'reason' | 'proof'>

export interface Wanted {
  /** Ids of sets that belong there, newest first. */
  keep: string[]
  /** With reasons. */
  gone: { set: string; reasons: string[] }[]
}

/** Judged over what is here and what is there together, so that nothing is copied only to be removed. */
export function wantedThere(
  candidates: readonly Candidate[],
  keepOf: (minion: string) => Keep,
  frame: { now: Date; zone: string },
): Wanted {
  const minions = new Set(candidates.map(({ minion }) => minion))
  const verdicts = [...minions].flatMap((minion) =>
    judge(
      candidates.filter((set) => set.minion === minion),
      keepOf(minion),
      frame,
    ),
  )
  return {
    keep: verdicts
      .filter(({ keep }) => keep)
      .toSorted((a, b) => b.at.localeCompare(a.at))
      .map(({ set }) => set),
    gone: verdicts.filter(({ keep }) => !keep).map(({ set, reasons }) => ({ set, reasons })),
  }
}

export function stateOf(
  { problem }: Pick<DestinationRecord, 'problem'>,
  missing: number,
): DestinationView['state'] {
  if (problem !== undefined) return 'failed'
  return missing > 0 ? 'behind' : 'ok'
}

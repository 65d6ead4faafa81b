/** A backup set: everything one minion needs at one point in time. What the API shows of it, and its name. */
import { Type, type Static } from 'typebox'

export const SET_STATES = ['running', 'good', 'failed', 'removed'] as const
/** Why a set was made. */
export const REASONS = ['request', 'schedule', 'restore-point'] as const
export type Reason = (typeof REASONS)[number]

/** `<minion>-<date>-<time>` in UTC. */
export const SET_ID = '^[a-z][a-z0-9-]{0,39}-[0-9]{8}-[0-9]{6}(-[0-9]+)?$'

export const ProofSchema = Type.Object({
  at: Type.String(),
  passed: Type.Boolean(),
  /** Milliseconds from the first byte restored until the last check passed. */
  rtoMs: Type.Optional(Type.Integer()),
  /** Milliseconds of work that a loss at the time of the proof would have cost. */
  rpoMs: Type.Optional(Type.Integer()),
  checks: Type.Array(Type.Object({ what: Type.String(), passed: Type.Boolean(), said: Type.String() })),
  problem: Type.Optional(Type.String()),
})
export type Proof = Static<typeof ProofSchema>

export const BackupSetSchema = Type.Object({
  id: Type.String(),
  minion: Type.String(),
  job: Type.Optional(Type.String()),
  reason: Type.Enum(REASONS),
  state: Type.Enum(SET_STATES),
  startedAt: Type.String(),
  /** The instant that the copy stands for. */
  at: Type.Optional(Type.String()),
  endedAt: Type.Optional(Type.String()),
  /** Whether the containers were stopped for it. */
  stopped: Type.Boolean(),
  downtimeMs: Type.Optional(Type.Integer()),
  files: Type.Optional(Type.Integer()),
  bytes: Type.Optional(Type.Integer()),
  /** Bytes the repository grew by; `bytes / added` is what deduplication and compression saved. */
  added: Type.Optional(Type.Integer()),
  problem: Type.Optional(Type.String()),
  /** The newest proof. */
  proof: Type.Optional(ProofSchema),
})
export type BackupSet = Static<typeof BackupSetSchema>

export function setIdOf(minion: string, at: Date, taken: (id: string) => boolean): string {
  const [date = '', time = ''] = at.toISOString().split('T')
  const id = `${minion}-${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? id : `${id}-${count}`
    if (!taken(candidate)) return candidate
  }
}

/** A recovery under way, on disk: what was fetched from where, and which minions are back. Read at boot and by install.sh. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { writeFileAtomic } from '../../config/write-file.ts'

export const RecoverySchema = Type.Object({
  from: Type.String(),
  /** The set of the box. */
  set: Type.String(),
  /** The instant that it stands for. */
  at: Type.String(),
  /** Newest set of each minion, fetched with it. */
  sets: Type.Record(Type.String(), Type.String()),
  state: Type.Enum(['fetching', 'fetched', 'ended']),
  /** Why a minion is not back. */
  failed: Type.Record(Type.String(), Type.String()),
})
export type Recovery = Static<typeof RecoverySchema>

const fileIn = (stateDir: string) => join(stateDir, 'recovery.json')

export function readRecovery(stateDir: string): Recovery | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(fileIn(stateDir), 'utf8'))
    return Value.Check(RecoverySchema, value) ? value : undefined
  } catch {
    return undefined
  }
}

export const writeRecovery = (stateDir: string, recovery: Recovery): void =>
  writeFileAtomic(fileIn(stateDir), `${JSON.stringify(recovery, null, 2)}\n`, { mode: 0o600 })

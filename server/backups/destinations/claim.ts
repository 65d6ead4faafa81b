/**
 * Whose a destination is. Several boxes may share one repository, each with its own mark on its snapshots; of one box only
 * one life writes there: the one that claimed it last. A recovery takes the claim over; the server of before, should it
 * still run, is refused from then on.
 */
import { SummonerError } from '../../errors.ts'
import type { Lives } from '../lives.ts'
import type { Repository } from '../repository.ts'

const PART = 'owner'

export interface ClaimRequest {
  name: string
  there: Pick<Repository, 'snapshots' | 'keep'>
  lives: Lives
  /** Somebody said that this server is the one. */
  takeOver: boolean
}

export async function claim({ name, there, lives, takeOver }: ClaimRequest): Promise<void> {
  const claims = await there.snapshots({ part: PART })
  const newest = claims.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1)
  const owner = newest?.tags['life']
  if (owner === lives.own) return
  if (newest && owner !== undefined && !lives.before.includes(owner) && !takeOver)
    throw new SummonerError(
      'destination.shared',
      `${name}: another server runs as this very box, and copies there since ${newest.at.slice(0, 16)}.`,
    )
  await there.keep('owner.json', `${JSON.stringify({ life: lives.own })}\n`, { part: PART, life: lives.own })
}

/** Authenticator applications: a secret is offered, and kept once a code of it has come back. */
import { SummonerError } from '../errors.ts'
import type { RecoveryCodes } from './recovery-codes.ts'
import { base32, matchingStep, totpUri } from './totp.ts'
import type { UserStore } from './user-store.ts'

const LIFE_MS = 15 * 60_000
const TRIES = 5

export interface TotpDeps {
  users: UserStore
  recoveryCodes: RecoveryCodes
  randomBytes(size: number): Buffer
  now(): Date
  origin(): string
}

export function createTotp({ users, recoveryCodes, randomBytes, now, origin }: TotpDeps) {
  /** Secrets that nobody has proved to know yet. */
  const offers = new Map<string, { secret: Buffer; until: number; tries: number }>()
  return {
    offer(user: { id: string; name: string }): { secret: string; uri: string } {
      const secret = randomBytes(20)
      const at = now().getTime()
      for (const [id, { until }] of offers) if (until <= at) offers.delete(id)
      offers.set(user.id, { secret, until: at + LIFE_MS, tries: 0 })
      return { secret: base32(secret), uri: totpUri(secret, user.name, new URL(origin()).hostname) }
    },

    /** From now on a code is asked for; the recovery codes are shown this once. */
    confirm(user: string, code: string): string[] {
      const offer = offers.get(user)
      const at = now().getTime()
      if (!offer || offer.until <= at || ++offer.tries > TRIES) {
        offers.delete(user)
        throw new SummonerError('totp.wrong', 'The secret is not waiting for a code any more.', {
          hint: 'Begin again: the page shows a new one.',
        })
      }
      const step = matchingStep(offer.secret, code.replaceAll(/\s/g, ''), at)
      if (step === undefined)
        throw new SummonerError('totp.wrong', 'The code does not belong to the secret shown.')
      offers.delete(user)
      users.setTotp(user, offer.secret, step)
      return recoveryCodes.renew(user)
    },

    remove(user: string): void {
      users.setTotp(user, null, null)
      recoveryCodes.clear(user)
    },
  }
}
export type Totp = ReturnType<typeof createTotp>

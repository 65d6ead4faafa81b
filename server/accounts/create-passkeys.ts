/**
 * Passkeys (Web Authentication): made by a person who is signed in, then enough alone to sign in, since the device
 * has checked its owner. The library is loaded by the first one who uses a passkey.
 */
import type { Database } from 'better-sqlite3'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { SummonerError } from '../errors.ts'
import { createPasskeyStore, passkeyOf } from './passkey-store.ts'
import type { Passkey, PasskeyResponse } from './passkey.ts'

const LIFE_MS = 5 * 60_000
/** Challenges that may be open at once; the oldest go. */
const OPEN = 1000
const MOST = 20

export interface PasskeysDeps {
  db: Database
  randomBytes(size: number): Buffer
  now(): Date
  /** Of the page. */
  origin(): string
}

const load = () => import('@simplewebauthn/server')
const refused = (detail: string) => new SummonerError('passkey.refused', detail)

export function createPasskeys({ db, randomBytes, now, origin }: PasskeysDeps) {
  const store = createPasskeyStore(db)
  /** challenge -> who may answer it, and until when. */
  const challenges = new Map<string, { user: string | undefined; until: number }>()
  const challenge = (user: string | undefined) => {
    const bytes = new Uint8Array(randomBytes(32))
    const [oldest] = challenges.keys()
    if (challenges.size >= OPEN && oldest !== undefined) challenges.delete(oldest)
    challenges.set(Buffer.from(bytes).toString('base64url'), { user, until: now().getTime() + LIFE_MS })
    return bytes
  }
  /** Works once, for the person it was made for. */
  const answers = (user: string | undefined) => (given: string) => {
    const open = challenges.get(given)
    challenges.delete(given)
    return open !== undefined && open.user === user && open.until > now().getTime()
  }
  const place = () => ({ rpID: new URL(origin()).hostname, expectedOrigin: origin() })

  return {
    list: (user: string): Passkey[] => store.ofUser(user).map(passkeyOf),

    async creationOptions(user: { id: string; name: string }) {
      const { generateRegistrationOptions } = await load()
      const { rpID } = place()
      return generateRegistrationOptions({
        rpName: 'Summoner',
        rpID,
        userName: user.name,
        userID: new Uint8Array(Buffer.from(user.id)),
        challenge: challenge(user.id),
        attestationType: 'none',
        excludeCredentials: store.ofUser(user.id).map(({ id }) => ({ id })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      })
    },

    async add(user: string, name: string, response: PasskeyResponse): Promise<Passkey> {
      if (store.ofUser(user).length >= MOST)
        throw refused(`There are ${MOST} passkeys already; remove one first.`)
      const { verifyRegistrationResponse } = await load()
      const { rpID, expectedOrigin } = place()
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: response as unknown as RegistrationResponseJSON,
        expectedChallenge: answers(user),
        expectedOrigin,
        expectedRPID: rpID,
        requireUserVerification: true,
      }).catch((error: unknown) => {
        throw refused(reasonOf(error))
      })
      if (!verified) throw refused('Its signature is not right.')
      const { credential } = registrationInfo
      if (store.get(credential.id)) throw refused('It is known already.')
      const kept = {
        id: credential.id,
        user,
        name,
        public_key: Buffer.from(credential.publicKey),
        counter: credential.counter,
        transports: (credential.transports ?? []).join(' '),
        created_at: now().toISOString(),
      }
      store.insert(kept)
      return passkeyOf({ ...kept, last_used_at: null })
    },

    async requestOptions() {
      const { generateAuthenticationOptions } = await load()
      return generateAuthenticationOptions({
        rpID: place().rpID,
        challenge: challenge(undefined),
        userVerification: 'required',
      })
    },

    /** The id of the user whose passkey signed. */
    async check(response: PasskeyResponse): Promise<string> {
      const { verifyAuthenticationResponse } = await load()
      const kept = store.get(response.id)
      if (!kept) throw refused('It is not known here.')
      const { rpID, expectedOrigin } = place()
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: response as unknown as AuthenticationResponseJSON,
        expectedChallenge: answers(undefined),
        expectedOrigin,
        expectedRPID: rpID,
        requireUserVerification: true,
        credential: {
          id: kept.id,
          publicKey: new Uint8Array(kept.public_key),
          counter: kept.counter,
          transports: kept.transports.split(' ').filter(Boolean),
        },
      }).catch((error: unknown) => {
        throw refused(reasonOf(error))
      })
      if (!verified) throw refused('Its signature is not right.')
      store.used(kept.id, authenticationInfo.newCounter, now().toISOString())
      return kept.user
    },

    remove(user: string, id: string): void {
      if (!store.remove(user, id))
        throw new SummonerError('passkey.unknown', 'You have no passkey with that id.')
    },

    clear: store.clear,
  }
}
export type Passkeys = ReturnType<typeof createPasskeys>

/** The library says what did not fit, in a sentence of its own. */
const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.slice(0, 200) : 'It could not be read.'

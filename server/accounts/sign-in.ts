/** Who is it? A name with a password, and a code where the person has set that up. */
import { SummonerError } from '../errors.ts'
import type { Attempts } from './create-attempts.ts'
import type { Hashes } from './password-hash.ts'
import type { RecoveryCodes } from './recovery-codes.ts'
import type { SignInTold } from './tell-sign-in.ts'
import { matchingStep } from './totp.ts'
import type { KeptUser, UserStore } from './user-store.ts'
import { normalName } from './user.ts'

export interface Proof {
  password: string
  /** Of the authenticator application, or a recovery code. */
  code?: string | undefined
}

export interface SignInDeps {
  users: UserStore
  attempts: Attempts
  hashes: Hashes
  recoveryCodes: RecoveryCodes
  told: SignInTold
  now(): Date
}

/** One answer for an unknown name, a wrong password and a person who has not chosen one yet. */
const failed = () => new SummonerError('auth.failed', 'The name or the password is not right.')

export async function signIn(name: string, proof: Proof, deps: SignInDeps): Promise<KeptUser> {
  const { users, attempts, hashes } = deps
  const typed = normalName(name)
  const tries = attempts.begin(typed)
  const user = users.byName(typed)
  const right = await hashes.verify(proof.password, user?.password)
  if (!user?.password || !right) {
    if (user) deps.told.failed(user.name, tries)
    throw failed()
  }
  try {
    checkCode(user, proof.code, deps)
  } catch (error) {
    // without a code the page only learns that one is needed
    if (proof.code !== undefined) deps.told.failed(user.name, tries)
    throw error
  }
  attempts.succeeded(typed)
  if (hashes.outdated(user.password)) users.setPassword(user.id, await hashes.hash(proof.password))
  return user
}

/** Somebody who is signed in proves again who they are; the same pauses hold. */
export async function confirm(user: KeptUser, proof: Proof, deps: SignInDeps): Promise<void> {
  await signIn(user.name, proof, deps)
}

function checkCode(
  user: KeptUser,
  code: string | undefined,
  { users, recoveryCodes, now }: SignInDeps,
): void {
  if (!user.totp_secret) return
  if (code === undefined)
    throw new SummonerError('auth.code', 'The code of your authenticator application is needed too.')
  const typed = code.replaceAll(/\s/g, '')
  const step = matchingStep(user.totp_secret, typed, now().getTime())
  if (step !== undefined ? users.useStep(user.id, step) : recoveryCodes.use(user.id, typed)) return
  throw new SummonerError('auth.code', 'That code is not right, or it was used before.')
}

/** Sign-ins on the log of events: what a team may want to hear of its accounts. */
import type { Events } from '../events/event.ts'
import { pauseAfter } from './create-attempts.ts'
import type { Visitor } from './create-sessions.ts'

/** Failures in a row after which it is no typing error any more. */
const LOCKED_AT = 10

interface ToldDeps {
  events: Pick<Events, 'append'>
  /** Default: when the answer has left, so that its time does not tell whether there is such an account. */
  later?: (work: () => void) => void
}

export type SignInTold = ReturnType<typeof createSignInTold>

export function createSignInTold({ events, later = (work) => void setImmediate(work) }: ToldDeps) {
  const failed = (user: string, tries: number) => {
    events.append({
      type: 'sign-in.failed',
      severity: 'warning',
      title: `A sign-in as ${user} failed`,
      subject: user,
      data: { user, tries },
    })
    // the pauses keep this to a few dozen a day for each account
    if (tries % LOCKED_AT !== 0) return
    const seconds = Math.round(pauseAfter(tries) / 1000)
    events.append({
      type: 'sign-in.locked',
      severity: 'error',
      title: `${tries} sign-ins as ${user} failed in a row; nobody can try again for ${seconds} seconds`,
      subject: user,
      data: { user, tries, seconds },
    })
  }
  const guarded = (work: () => void) => () => {
    try {
      work()
    } catch {
      // a full disk keeps nobody out, and ends no daemon; the audit log complains of it already
    }
  }
  return {
    succeeded: (user: string, visitor: Visitor): void =>
      later(
        guarded(() =>
          events.append({
            type: 'sign-in.succeeded',
            title: `${user} signed in from ${visitor.address}`,
            actor: { name: user },
            subject: user,
            data: { ...visitor },
          }),
        ),
      ),
    /** Of somebody who has an account: what strangers type into the name field may be a password. */
    failed: (user: string, tries: number): void => later(guarded(() => failed(user, tries))),
  }
}

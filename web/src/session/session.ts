/** Who is signed in. Everything else asks here what may be done. */
import { computed, signal } from '@preact/signals'
import type { SessionView } from '../../../server/accounts/session.ts'
import type { Role } from '../../../server/http/roles.ts'
import { get, remove, whenSignedOut } from '../api/client.ts'
import { closeLive, openLive } from '../api/live.ts'

export const session = signal<SessionView | undefined>(undefined)

const RANK: Record<Role, number> = { viewer: 0, operator: 1, administrator: 2 }
export const role = computed<Role>(() => session.value?.user?.role ?? 'viewer')
/** Whether the person may do what needs the role. The daemon decides; the page only spares a refusal. */
export const may = (needed: Role): boolean => RANK[role.value] >= RANK[needed]

export async function readSession(): Promise<void> {
  session.value = await get<SessionView>('/session')
  if (session.value.state === 'signed-in') openLive()
}

whenSignedOut(() => {
  if (session.value?.state !== 'signed-in') return
  closeLive()
  session.value = { state: 'signed-out' }
})

export async function signOut(): Promise<void> {
  await remove('/session')
  closeLive()
  session.value = { state: 'signed-out' }
}

/** After a sign-in, whatever it was made by. */
export function signedIn(view: SessionView): void {
  session.value = view
  if (view.state === 'signed-in') openLive()
}

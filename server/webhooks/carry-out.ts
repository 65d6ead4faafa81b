/** One try of one delivery: its channel looked up, its secrets put in, its parts sent from where the last try ended. */
import type { About, Part, Tools } from './actions/action.ts'
import { actionFor } from './actions/actions.ts'
import { isReference, settingsOf, typeOf, type Channel } from './channel.ts'
import type { Outcome } from './delivery.ts'
import type { Call } from './walk.ts'

export interface CarryOutDeps {
  channel(name: string): Channel | undefined
  /** Throws when it was never set. */
  secret(name: string): string
  tools: Tools
}

export interface Try {
  call: Call
  about: About
  /** Parts that earlier tries brought through. */
  progress: number
  onProgress(parts: number): void
}

export async function carryOut(
  { call, about, progress, onProgress }: Try,
  deps: CarryOutDeps,
): Promise<Outcome> {
  let parts: Part[]
  try {
    parts = partsOf(call, about, deps)
  } catch (error) {
    // a secret that somebody has still to set, most likely
    return { ok: false, error: (error as Error).message, retry: true }
  }
  if (parts.length === 0) return { ok: false, error: 'There is nothing to send.', retry: false }
  let outcome: Outcome = { ok: true }
  for (const [index, part] of parts.entries()) {
    if (index < progress) continue
    outcome = await part(deps.tools)
    if (!outcome.ok) return outcome
    if (index + 1 < parts.length) onProgress(index + 1)
  }
  return outcome
}

function partsOf(call: Call, about: About, { channel, secret }: CarryOutDeps): Part[] {
  if (!('channel' in call)) return actionFor(call, undefined)?.parts(call, {}, about) ?? []
  const found = channel(call.channel)
  if (!found) throw new Error(`There is no channel "${call.channel}" in config.yml.`)
  const target = Object.fromEntries(
    Object.entries(settingsOf(found)).map(([key, value]) => [
      key,
      isReference(value) ? secret(value.secret) : value,
    ]),
  )
  return actionFor(call, typeOf(found))?.parts(call, target, about) ?? []
}

/** A card on a board of Wekan: its tokens end after some days, so each card signs in. */
import { toPlain } from '../markdown.ts'
import { judged, objectOf, postJson, request, textIn, type Action, type Part } from './action.ts'

export const wekan: Action = {
  rate: { perSecond: 2, burst: 5 },
  joins: false,
  parts: (call, target, about) => {
    if (call.action !== 'card') return []
    const base = textIn(target, 'url').replace(/\/+$/u, '')
    const create: Part = async (tools) => {
      const login = { username: textIn(target, 'user'), password: textIn(target, 'password') }
      const signedIn = await postJson(`${base}/users/login`, login, about, (reply, now) => {
        const outcome = judged(reply, now)
        const { id, token } = objectOf(reply.body)
        return outcome.ok ? { ...outcome, value: { id, token } } : withoutBody(outcome, reply.status)
      })(tools)
      if (!signedIn.ok) return signedIn
      const { id, token } = signedIn.value as { id?: unknown; token?: unknown }
      if (typeof id !== 'string' || typeof token !== 'string')
        return { ok: false, retry: false, error: 'it answered the sign-in with neither id nor token' }
      const path = `/api/boards/${encodeURIComponent(textIn(target, 'board'))}/lists/${encodeURIComponent(textIn(target, 'list'))}/cards`
      return request(
        {
          method: 'POST',
          url: base + path,
          headers: { authorization: `Bearer ${token}` },
          body: JSON.stringify({
            authorId: id,
            title: call.title,
            description: toPlain(call.text),
            swimlaneId: textIn(target, 'swimlane'),
          }),
        },
        about,
        (reply, now) => {
          const outcome = judged(reply, now)
          return outcome.ok ? { ...outcome, value: { id: objectOf(reply.body)['_id'] } } : outcome
        },
      )(tools)
    }
    return [create]
  },
}

/** What it says to a sign-in may repeat what was sent. */
function withoutBody<T extends object>(outcome: T, status: number): T {
  return { ...outcome, error: `it refused the sign-in with ${status}` }
}

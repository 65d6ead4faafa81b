import { asMarkdown, pieces } from '../message.ts'
import { judged, messageOf, objectOf, partOf, postJson, textIn, type Action, type Judge } from './action.ts'

/** Its default setting for the size of a message. */
const LIMIT = 5_000

/** A script of the hook may refuse with 200 and `success: false`. */
const judge: Judge = (reply, now) => {
  const outcome = judged(reply, now)
  const { success, error } = objectOf(reply.body)
  if (!outcome.ok || success !== false) return outcome
  return {
    ok: false,
    retry: false,
    status: reply.status,
    error: `it refused: ${typeof error === 'string' ? error : 'no reason given'}`,
  }
}

export const rocketchat: Action = {
  rate: { perSecond: 5, burst: 10 },
  joins: true,
  parts: (call, target, about) =>
    pieces(asMarkdown(messageOf(call)), LIMIT).map((text, index) =>
      postJson(
        textIn(target, 'url'),
        {
          text,
          alias: textIn(target, 'username') || 'Summoner',
          ...(textIn(target, 'channel') === '' ? {} : { channel: textIn(target, 'channel') }),
        },
        partOf(about, index),
        judge,
      ),
    ),
}

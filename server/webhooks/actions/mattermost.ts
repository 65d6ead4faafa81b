import { asMarkdown, pieces } from '../message.ts'
import { messageOf, partOf, postJson, textIn, type Action } from './action.ts'

/** A post holds 16,383 characters. */
const LIMIT = 16_000

export const mattermost: Action = {
  rate: { perSecond: 10, burst: 20 },
  joins: true,
  parts: (call, target, about) =>
    pieces(asMarkdown(messageOf(call)), LIMIT).map((text, index) =>
      postJson(
        textIn(target, 'url'),
        {
          text,
          username: textIn(target, 'username') || 'Summoner',
          ...(textIn(target, 'channel') === '' ? {} : { channel: textIn(target, 'channel') }),
        },
        partOf(about, index),
      ),
    ),
}

import { pieces } from '../message.ts'
import { messageOf, partOf, request, textIn, type Action } from './action.ts'

/** It names none; its Android client shows no more. */
const LIMIT = 10_000

export const gotify: Action = {
  rate: { perSecond: 10, burst: 20 },
  joins: true,
  parts: (call, target, about) => {
    const { title, text, url } = messageOf(call)
    return pieces(text, LIMIT).map((message, index) =>
      request(
        {
          method: 'POST',
          url: `${textIn(target, 'url').replace(/\/+$/u, '')}/message`,
          headers: { 'x-gotify-key': textIn(target, 'token') },
          body: JSON.stringify({
            title: title ?? 'Summoner',
            message,
            priority: target['priority'] ?? 5,
            extras: {
              'client::display': { contentType: 'text/markdown' },
              ...(url === undefined ? {} : { 'client::notification': { click: { url } } }),
            },
          }),
        },
        partOf(about, index),
      ),
    )
  },
}

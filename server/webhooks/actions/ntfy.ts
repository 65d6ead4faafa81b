import { bytes, pieces } from '../message.ts'
import { messageOf, partOf, request, textIn, type Action } from './action.ts'

/** What is longer becomes an attached file. */
const LIMIT = 4_000

/** The secret is the address of the topic: `https://ntfy.example.org/our-topic`. */
export const ntfy: Action = {
  rate: { perSecond: 1, burst: 10 },
  joins: true,
  parts: (call, target, about) => {
    const { title, text, url } = messageOf(call)
    const token = textIn(target, 'token')
    const address = textIn(target, 'url').replace(/\/+$/u, '')
    const cut = address.lastIndexOf('/')
    return pieces(text, LIMIT, undefined, bytes).map((message, index) =>
      request(
        {
          method: 'POST',
          url: `${address.slice(0, cut)}/`,
          ...(token === '' ? {} : { headers: { authorization: `Bearer ${token}` } }),
          body: JSON.stringify({
            topic: address.slice(cut + 1),
            message,
            markdown: true,
            ...(title === undefined ? {} : { title }),
            ...(url === undefined ? {} : { click: url }),
            ...(target['priority'] === undefined ? {} : { priority: target['priority'] }),
          }),
        },
        partOf(about, index),
      ),
    )
  },
}

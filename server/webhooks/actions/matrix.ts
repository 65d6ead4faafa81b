import { toHtml, toPlain } from '../markdown.ts'
import { asMarkdown, bytes, pieces, type Measure } from '../message.ts'
import { judgedBy, messageOf, partOf, postJson, request, textIn, type Action } from './action.ts'

/** An event holds 64 KiB, the text twice in it. */
const LIMIT = 40_000
const twice: Measure = (text) => bytes(toPlain(text)) + bytes(toHtml(text))

const judge = judgedBy(({ retry_after_ms: milliseconds }) => milliseconds)

/** With room and token the homeserver itself, without them a webhook of hookshot. */
export const matrix: Action = {
  rate: { perSecond: 2, burst: 5 },
  joins: true,
  parts: (call, target, about) =>
    pieces(asMarkdown(messageOf(call)), LIMIT, undefined, twice).map((markdown, index) => {
      const part = partOf(about, index)
      const [url, room, token] = [textIn(target, 'url'), textIn(target, 'room'), textIn(target, 'token')]
      if (room === '')
        return postJson(
          url,
          { text: toPlain(markdown), html: toHtml(markdown), username: 'Summoner' },
          part,
          judge,
        )
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${encodeURIComponent(part.id)}`
      return request(
        {
          method: 'PUT',
          url: url.replace(/\/+$/u, '') + path,
          headers: { authorization: `Bearer ${token}` },
          body: JSON.stringify({
            msgtype: 'm.text',
            body: toPlain(markdown),
            format: 'org.matrix.custom.html',
            formatted_body: toHtml(markdown),
          }),
        },
        part,
        judge,
      )
    }),
}

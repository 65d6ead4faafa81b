import { asMarkdown, pieces } from '../message.ts'
import { judgedBy, messageOf, partOf, postJson, textIn, type Action } from './action.ts'

const LIMIT = 2_000

/** Seconds, with a fraction, in the body. */
const judge = judgedBy(({ retry_after: seconds }) =>
  typeof seconds === 'number' ? seconds * 1000 : undefined,
)

export const discord: Action = {
  // 5 in 2 seconds per webhook
  rate: { perSecond: 2, burst: 4 },
  joins: true,
  parts: (call, target, about) =>
    pieces(asMarkdown(messageOf(call)), LIMIT).map((content, index) =>
      postJson(
        waiting(textIn(target, 'url')),
        { content, username: textIn(target, 'username') || 'Summoner', allowed_mentions: { parse: [] } },
        partOf(about, index),
        judge,
      ),
    ),
}

/** With `wait` it answers once the message is kept, not before. */
function waiting(text: string): string {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  url.searchParams.set('wait', 'true')
  return url.href
}

import { toHtml, toPlain } from '../markdown.ts'
import { asMarkdown } from '../message.ts'
import { messageOf, type Action } from './action.ts'

/** Longer mails are no use to anybody. */
const LIMIT = 100_000
const SUBJECT = 200

export const mail: Action = {
  rate: { perSecond: 2, burst: 5 },
  joins: true,
  parts: (call, target, about) => {
    const message = messageOf(call)
    const { title, ...rest } = message
    const named = call.action === 'mail' ? call.to : [target['to'] ?? []].flat()
    const text = toPlain(asMarkdown(rest)).slice(0, LIMIT)
    const subject = (title ?? text.split('\n')[0] ?? '').replace(/\s+/gu, ' ').trim().slice(0, SUBJECT)
    return [
      ({ mail: deliver }) =>
        deliver({
          to: named.filter((address) => typeof address === 'string'),
          subject: subject === '' ? 'Summoner' : subject,
          text,
          html: toHtml(asMarkdown(rest).slice(0, LIMIT)),
          id: about.id,
        }),
    ]
  },
}

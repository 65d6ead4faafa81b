import { toHtml } from '../markdown.ts'
import { asMarkdown, pieces } from '../message.ts'
import { judgedBy, messageOf, partOf, postJson, textIn, type Action } from './action.ts'

/** Counted after its marks are taken out; ours are counted too, which is less. */
const LIMIT = 4_096

const judge = judgedBy(({ parameters }) => {
  const seconds = (parameters as { retry_after?: unknown } | undefined)?.retry_after
  return typeof seconds === 'number' ? seconds * 1000 : undefined
})

const html = (markdown: string) => toHtml(markdown, '\n')

export const telegram: Action = {
  // one message a second in one chat
  rate: { perSecond: 1, burst: 1 },
  joins: true,
  parts: (call, target, about) =>
    pieces(asMarkdown(messageOf(call)), LIMIT, html).map((text, index) =>
      postJson(
        `${(textIn(target, 'url') || 'https://api.telegram.org').replace(/\/+$/u, '')}/bot${textIn(target, 'token')}/sendMessage`,
        {
          chat_id: textIn(target, 'chat'),
          text,
          parse_mode: 'HTML',
          link_preview_options: { is_disabled: true },
        },
        partOf(about, index),
        judge,
      ),
    ),
}

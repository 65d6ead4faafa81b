import { toSlack } from '../markdown.ts'
import { asMarkdown, pieces } from '../message.ts'
import { messageOf, partOf, postJson, textIn, type Action } from './action.ts'

/** 40,000 are taken, but what is longer than 4,000 is folded away or cut. */
const LIMIT = 4_000

export const slack: Action = {
  rate: { perSecond: 1, burst: 1 },
  joins: true,
  parts: (call, target, about) =>
    pieces(asMarkdown(messageOf(call)), LIMIT, toSlack).map((text, index) =>
      postJson(
        textIn(target, 'url'),
        { text, unfurl_links: false, unfurl_media: false },
        partOf(about, index),
      ),
    ),
}

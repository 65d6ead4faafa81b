import { asMarkdown, bytes, pieces } from '../message.ts'
import { messageOf, partOf, postJson, textIn, type Action } from './action.ts'

/** 28 KB for the whole card. */
const LIMIT = 20_000

export const teams: Action = {
  rate: { perSecond: 2, burst: 4 },
  joins: true,
  parts: (call, target, about) =>
    pieces(asMarkdown(messageOf(call)), LIMIT, lines, bytes).map((text, index) =>
      postJson(textIn(target, 'url'), cardOf(text), partOf(about, index)),
    ),
}

/** One line break is none in a text block. */
const lines = (text: string) => text.replaceAll('\n', '\n\n')

const cardOf = (text: string) => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        body: [{ type: 'TextBlock', text, wrap: true }],
      },
    },
  ],
})

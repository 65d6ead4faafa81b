/**
 * The types of events that sources give. One word for one fact, whatever the tool: a recipe on `merge-request.merged`
 * works with GitLab, GitHub and Gitea. The samples show which `data` a recipe may read.
 */
import type { Event } from '../../events/event.ts'
import { BOARDS } from './words/boards.ts'
import { CHAT } from './words/chat.ts'
import { CODE } from './words/code.ts'
import { FILES } from './words/files.ts'
import { SITES } from './words/sites.ts'
import { WATCHING } from './words/watching.ts'
import type { Word } from './words/word.ts'

const ANYTHING = {
  ping: {
    en: 'A test of the connection',
    fr: 'Un essai de la connexion',
    sample: { title: 'The connection works' },
  },
  received: {
    en: 'Any other webhook',
    fr: 'Tout autre webhook',
    sample: { title: 'A webhook of gitlab', data: { event: 'Wiki Page Hook' } },
  },
} as const satisfies Record<string, Word>

export const WORDS = { ...CODE, ...FILES, ...CHAT, ...BOARDS, ...SITES, ...WATCHING, ...ANYTHING }

export type EventWord = keyof typeof WORDS

/** Of any type, ours or not. */
export const severityOf = (type: string): Event['severity'] =>
  Object.hasOwn(WORDS, type) ? ((WORDS as Record<string, Word>)[type]?.severity ?? 'info') : 'info'

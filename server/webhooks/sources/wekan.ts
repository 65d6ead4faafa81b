/** Wekan: the token in a header; the text is in its user's language, so only the activity's name is read. */
import { text } from './reading.ts'
import type { SourceType } from './source.ts'
import { secretIn } from './verify.ts'
import type { EventWord } from './vocabulary.ts'

const CARDS: Record<string, readonly [EventWord, string]> = {
  'act-createCard': ['card.created', 'created'],
  'act-moveCard': ['card.moved', 'moved'],
  'act-moveCardToOtherBoard': ['card.moved', 'moved'],
  'act-archivedCard': ['card.archived', 'archived'],
  'act-restoredCard': ['card.restored', 'restored'],
  'act-addComment': ['card.commented', 'commented on'],
  'act-editComment': ['card.commented', 'commented on'],
}

export const wekan: SourceType = {
  name: 'wekan',
  title: 'Wekan',
  accepts: ['json'],
  proves: true,
  verify: secretIn('x-wekan-token'),
  normalise(body) {
    const activity = text(body, 'description') ?? ''
    const card = text(body, 'card')
    const name = text(body, 'user') ?? text(body, 'username')
    const [word, done] = CARDS[activity] ?? [card === undefined ? 'board.updated' : 'card.updated', 'changed']
    return {
      type: word,
      actor: { name, username: text(body, 'username') },
      title: `${name ?? 'Somebody'} ${done} ${card === undefined ? 'a board' : `“${card}”`}`,
      subject: card,
      // the last line of its text is the card's address
      url: text(body, 'text')?.split('\n').at(-1),
      data: {
        activity,
        card: text(body, 'cardId'),
        list: text(body, 'listId'),
        from: text(body, 'oldListId'),
        board: text(body, 'boardId'),
        swimlane: text(body, 'swimlaneId'),
        comment: text(body, 'comment'),
        label: text(body, 'label'),
      },
    }
  },
  words: [
    'card.created',
    'card.moved',
    'card.archived',
    'card.restored',
    'card.commented',
    'card.updated',
    'board.updated',
  ],
  steps: {
    en: 'On the board: menu > Outgoing webhooks: the URL, and the secret as its token. Wekan refuses private addresses, so hooks.<domain> must resolve to this server’s public one.',
    fr: 'Sur le tableau : menu > Webhooks sortants : l’URL, et le secret comme jeton. Wekan refuse les adresses privées : hooks.<domaine> doit mener à l’adresse publique de ce serveur.',
  },
}

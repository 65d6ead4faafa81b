/** Chat. */
import type { Word } from './word.ts'

export const CHAT = {
  'message.posted': {
    en: 'A message that begins with a trigger word',
    fr: 'Un message qui commence par un mot déclencheur',
    sample: {
      actor: { name: 'mira', username: 'mira' },
      title: 'mira in ops: minion backup shop',
      subject: 'ops',
      project: 'main',
      data: { text: 'minion backup shop', channel: 'ops', trigger: 'minion', words: ['backup', 'shop'] },
    },
  },
  'command.called': {
    en: 'A slash command was called',
    fr: 'Une commande a été appelée',
    sample: {
      actor: { name: 'mira', username: 'mira' },
      title: 'mira in ops: /minion backup shop',
      subject: '/minion',
      project: 'main',
      data: { command: '/minion', text: 'backup shop', channel: 'ops', words: ['backup', 'shop'] },
    },
  },
} as const satisfies Record<string, Word>

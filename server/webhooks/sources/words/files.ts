/** Files and shares. */
import { MIRA, type Word } from './word.ts'

const file = (done: string) => ({
  actor: MIRA,
  title: `Mira Holt ${done} offer.pdf`,
  subject: 'offer.pdf',
  data: { path: '/mira/files/Inbox/offer.pdf', folder: '/mira/files/Inbox', name: 'offer.pdf' },
})

export const FILES = {
  'file.created': { en: 'A file was added', fr: 'Un fichier a été ajouté', sample: file('added') },
  'file.changed': { en: 'A file changed', fr: 'Un fichier a changé', sample: file('changed') },
  'file.renamed': {
    en: 'A file was moved or renamed',
    fr: 'Un fichier a été déplacé ou renommé',
    sample: file('renamed'),
  },
  'file.copied': { en: 'A file was copied', fr: 'Un fichier a été copié', sample: file('copied') },
  'file.deleted': { en: 'A file was deleted', fr: 'Un fichier a été supprimé', sample: file('deleted') },
  'share.created': { en: 'Something was shared', fr: 'Quelque chose a été partagé', sample: file('shared') },
  'share.deleted': { en: 'A share was withdrawn', fr: 'Un partage a été retiré', sample: file('unshared') },
} as const satisfies Record<string, Word>

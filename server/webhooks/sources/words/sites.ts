/** Sites and their readers. */
import type { Word } from './word.ts'

const post = (done: string) => ({
  actor: { name: 'Mira Holt' },
  title: `“Winter sale” was ${done}`,
  subject: 'Winter sale',
  url: 'https://blog.example.org/winter-sale/',
  data: { slug: 'winter-sale', status: 'published', ...(done === 'published' ? { previous: 'draft' } : {}) },
})
const person = (done: string) => ({
  title: `The member Ada was ${done}`,
  subject: 'Ada',
  data: { name: 'Ada', email: 'ada@example.org' },
})

export const SITES = {
  'post.published': { en: 'A post was published', fr: 'Un article a été publié', sample: post('published') },
  'post.updated': { en: 'A post changed', fr: 'Un article a changé', sample: post('changed') },
  'post.unpublished': {
    en: 'A post was taken back',
    fr: 'Un article a été retiré',
    sample: post('unpublished'),
  },
  'post.scheduled': {
    en: 'A post was scheduled',
    fr: 'Un article a été programmé',
    sample: post('scheduled'),
  },
  'post.created': {
    en: 'A draft of a post was begun',
    fr: 'Un brouillon d’article a été commencé',
    sample: post('begun'),
  },
  'post.deleted': { en: 'A post was deleted', fr: 'Un article a été supprimé', sample: post('deleted') },
  'page.published': { en: 'A page was published', fr: 'Une page a été publiée', sample: post('published') },
  'page.updated': { en: 'A page changed', fr: 'Une page a changé', sample: post('changed') },
  'page.unpublished': {
    en: 'A page was taken back',
    fr: 'Une page a été retirée',
    sample: post('unpublished'),
  },
  'page.scheduled': {
    en: 'A page was scheduled',
    fr: 'Une page a été programmée',
    sample: post('scheduled'),
  },
  'page.created': {
    en: 'A draft of a page was begun',
    fr: 'Un brouillon de page a été commencé',
    sample: post('begun'),
  },
  'page.deleted': { en: 'A page was deleted', fr: 'Une page a été supprimée', sample: post('deleted') },
  'member.created': { en: 'A reader signed up', fr: 'Un lecteur s’est inscrit', sample: person('added') },
  'member.updated': { en: 'A reader changed', fr: 'Un lecteur a changé', sample: person('changed') },
  'member.deleted': { en: 'A reader left', fr: 'Un lecteur est parti', sample: person('deleted') },
  'user.created': { en: 'An account was made', fr: 'Un compte a été créé', sample: person('added') },
  'site.changed': { en: 'A site changed', fr: 'Un site a changé', sample: { title: 'The site changed' } },
  'site.updated': {
    en: 'A site installed updates',
    fr: 'Un site a installé des mises à jour',
    sample: { title: 'plugin updates were installed', data: { kind: 'plugin', names: ['akismet'] } },
  },
} as const satisfies Record<string, Word>

/** Boards and projects. */
import { MIRA, type Word } from './word.ts'

const card = (done: string) => ({
  actor: MIRA,
  title: `Mira Holt ${done} “Print labels”`,
  subject: 'Print labels',
  data: { card: 'cd34', list: 'li2', from: 'li1', board: 'ab12' },
})
const task = (kind: string, done: string) => ({
  actor: MIRA,
  project: 'Acme',
  title: `Mira Holt ${done} the ${kind} #12 Invoice export`,
  subject: 'Invoice export',
  data: { number: 12, status: 'Done', changes: ['status'] },
})

export const BOARDS = {
  'card.created': { en: 'A card was created', fr: 'Une carte a été créée', sample: card('created') },
  'card.moved': { en: 'A card was moved', fr: 'Une carte a été déplacée', sample: card('moved') },
  'card.archived': { en: 'A card was archived', fr: 'Une carte a été archivée', sample: card('archived') },
  'card.restored': { en: 'A card was restored', fr: 'Une carte a été restaurée', sample: card('restored') },
  'card.commented': {
    en: 'A card was commented',
    fr: 'Une carte a été commentée',
    sample: card('commented on'),
  },
  'card.updated': { en: 'A card changed', fr: 'Une carte a changé', sample: card('changed') },
  'board.updated': {
    en: 'A board changed',
    fr: 'Un tableau a changé',
    sample: {
      actor: MIRA,
      title: 'Mira Holt changed a board',
      data: { activity: 'act-createList', board: 'ab12' },
    },
  },
  'story.created': {
    en: 'A user story was created',
    fr: 'Un récit a été créé',
    sample: task('story', 'created'),
  },
  'story.changed': { en: 'A user story changed', fr: 'Un récit a changé', sample: task('story', 'changed') },
  'story.deleted': {
    en: 'A user story was deleted',
    fr: 'Un récit a été supprimé',
    sample: task('story', 'deleted'),
  },
  'task.created': { en: 'A task was created', fr: 'Une tâche a été créée', sample: task('task', 'created') },
  'task.changed': { en: 'A task changed', fr: 'Une tâche a changé', sample: task('task', 'changed') },
  'task.deleted': {
    en: 'A task was deleted',
    fr: 'Une tâche a été supprimée',
    sample: task('task', 'deleted'),
  },
  'epic.created': {
    en: 'An epic was created',
    fr: 'Une épopée a été créée',
    sample: task('epic', 'created'),
  },
  'epic.changed': { en: 'An epic changed', fr: 'Une épopée a changé', sample: task('epic', 'changed') },
  'epic.deleted': {
    en: 'An epic was deleted',
    fr: 'Une épopée a été supprimée',
    sample: task('epic', 'deleted'),
  },
  'milestone.created': {
    en: 'A milestone was created',
    fr: 'Un jalon a été créé',
    sample: task('milestone', 'created'),
  },
  'milestone.changed': {
    en: 'A milestone changed',
    fr: 'Un jalon a changé',
    sample: task('milestone', 'changed'),
  },
  'milestone.deleted': {
    en: 'A milestone was deleted',
    fr: 'Un jalon a été supprimé',
    sample: task('milestone', 'deleted'),
  },
  'wiki.created': {
    en: 'A wiki page was created',
    fr: 'Une page de wiki a été créée',
    sample: task('wiki page', 'created'),
  },
  'wiki.changed': {
    en: 'A wiki page changed',
    fr: 'Une page de wiki a changé',
    sample: task('wiki page', 'changed'),
  },
  'wiki.deleted': {
    en: 'A wiki page was deleted',
    fr: 'Une page de wiki a été supprimée',
    sample: task('wiki page', 'deleted'),
  },
  'issue.deleted': {
    en: 'An issue was deleted',
    fr: 'Un ticket a été supprimé',
    sample: task('issue', 'deleted'),
  },
} as const satisfies Record<string, Word>

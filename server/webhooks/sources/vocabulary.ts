/**
 * The types of events that sources give. One word for one fact, whatever the tool: a recipe on `merge-request.merged`
 * works with GitLab, GitHub and Gitea. The samples show which `data` a recipe may read.
 */
import type { Event } from '../../events/event.ts'

interface Word {
  en: string
  fr: string
  severity?: Event['severity']
  sample: Partial<Pick<Event, 'title' | 'actor' | 'subject' | 'url' | 'project' | 'data'>> & { title: string }
}

const MIRA = { name: 'Mira Holt', username: 'mira' }
const SHOP = 'https://git.example.org/acme/shop'
const forge = { actor: MIRA, project: 'acme/shop', url: SHOP }
const commit = {
  id: 'c0ffee5',
  title: 'Fix tax rounding',
  url: `${SHOP}/commit/c0ffee5`,
  author: 'Mira Holt',
}
const change = { number: 17, source: 'vat', target: 'main', labels: ['bug'] }
const request = (done: string) => ({
  ...forge,
  title: `Mira Holt ${done} !17 Add VAT report in acme/shop`,
  subject: 'Add VAT report',
  data: change,
})
const issue = (done: string) => ({
  ...forge,
  title: `Mira Holt ${done} #9 Checkout fails in acme/shop`,
  subject: 'Checkout fails',
  data: { number: 9, labels: ['bug'] },
})
const run = (kind: string, how: string) => ({
  ...forge,
  title: `${kind} ${how} on main of acme/shop`,
  subject: kind,
  data: {
    ref: 'main',
    status: how,
    number: 812,
    commit: { id: 'c0ffee5', title: 'Fix tax rounding', author: 'Mira Holt' },
  },
})
const file = (done: string) => ({
  actor: MIRA,
  title: `Mira Holt ${done} offer.pdf`,
  subject: 'offer.pdf',
  data: { path: '/mira/files/Inbox/offer.pdf', folder: '/mira/files/Inbox', name: 'offer.pdf' },
})
const post = (done: string) => ({
  actor: { name: 'Mira Holt' },
  title: `“Winter sale” was ${done}`,
  subject: 'Winter sale',
  url: 'https://blog.example.org/winter-sale/',
  data: { slug: 'winter-sale', status: 'published', ...(done === 'published' ? { previous: 'draft' } : {}) },
})
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
const person = (done: string) => ({
  title: `The member Ada was ${done}`,
  subject: 'Ada',
  data: { name: 'Ada', email: 'ada@example.org' },
})
const image = (done: string) => ({
  actor: { name: 'ci' },
  title: `acme/shop:1.4.0 was ${done}`,
  subject: 'acme/shop:1.4.0',
  project: 'acme/shop',
  data: {
    repository: 'acme/shop',
    digest: 'sha256:6a0e',
    ...(done === 'deleted' ? {} : { tag: '1.4.0' }),
  },
})
const monitor = (how: string) => ({
  title: `Shop is ${how}`,
  subject: 'Shop',
  url: 'https://shop.example.org',
  data: { monitor: 'Shop', message: 'connect ECONNREFUSED' },
})
const alert = (how: string) => ({
  title: `DiskFull is ${how}: / is 95 % full`,
  subject: 'DiskFull',
  url: 'https://alerts.example.org',
  data: { alert: 'DiskFull' },
})

export const WORDS = {
  // code
  push: {
    en: 'Commits were pushed',
    fr: 'Des commits ont été poussés',
    sample: {
      ...forge,
      title: 'Mira Holt pushed 1 commit to main of acme/shop',
      subject: 'main',
      data: { ref: 'main', before: '5b1e3ad', after: 'c0ffee5', count: 1, commits: [commit] },
    },
  },
  'branch.created': {
    en: 'A branch was created',
    fr: 'Une branche a été créée',
    sample: {
      ...forge,
      title: 'Mira Holt created the branch vat in acme/shop',
      subject: 'vat',
      data: { ref: 'vat' },
    },
  },
  'branch.deleted': {
    en: 'A branch was deleted',
    fr: 'Une branche a été supprimée',
    sample: {
      ...forge,
      title: 'Mira Holt deleted the branch vat in acme/shop',
      subject: 'vat',
      data: { ref: 'vat' },
    },
  },
  'tag.created': {
    en: 'A tag was pushed',
    fr: 'Une étiquette a été poussée',
    sample: {
      ...forge,
      title: 'Mira Holt created the tag v1.4 in acme/shop',
      subject: 'v1.4',
      data: { ref: 'v1.4' },
    },
  },
  'tag.deleted': {
    en: 'A tag was deleted',
    fr: 'Une étiquette a été supprimée',
    sample: {
      ...forge,
      title: 'Mira Holt deleted the tag v1.4 in acme/shop',
      subject: 'v1.4',
      data: { ref: 'v1.4' },
    },
  },
  'merge-request.opened': {
    en: 'A merge request was opened',
    fr: 'Une demande de fusion a été ouverte',
    sample: request('opened'),
  },
  'merge-request.updated': {
    en: 'A merge request changed',
    fr: 'Une demande de fusion a changé',
    sample: request('updated'),
  },
  'merge-request.approved': {
    en: 'A merge request was approved',
    fr: 'Une demande de fusion a été approuvée',
    sample: request('approved'),
  },
  'merge-request.merged': {
    en: 'A merge request was merged',
    fr: 'Une demande de fusion a été fusionnée',
    sample: request('merged'),
  },
  'merge-request.closed': {
    en: 'A merge request was closed',
    fr: 'Une demande de fusion a été fermée',
    sample: request('closed'),
  },
  'merge-request.reopened': {
    en: 'A merge request was reopened',
    fr: 'Une demande de fusion a été rouverte',
    sample: request('reopened'),
  },
  'issue.opened': { en: 'An issue was opened', fr: 'Un ticket a été ouvert', sample: issue('opened') },
  'issue.updated': { en: 'An issue changed', fr: 'Un ticket a changé', sample: issue('updated') },
  'issue.closed': { en: 'An issue was closed', fr: 'Un ticket a été fermé', sample: issue('closed') },
  'issue.reopened': { en: 'An issue was reopened', fr: 'Un ticket a été rouvert', sample: issue('reopened') },
  'comment.created': {
    en: 'Somebody commented',
    fr: 'Quelqu’un a commenté',
    sample: {
      ...forge,
      title: 'Mira Holt commented on #9 Checkout fails in acme/shop',
      subject: 'Checkout fails',
      data: { on: 'issue', text: 'Fixed by !17.' },
    },
  },
  'pipeline.running': {
    en: 'A pipeline started',
    fr: 'Un pipeline a démarré',
    sample: run('Pipeline', 'running'),
  },
  'pipeline.succeeded': {
    en: 'A pipeline succeeded',
    fr: 'Un pipeline a réussi',
    sample: run('Pipeline', 'succeeded'),
  },
  'pipeline.failed': {
    en: 'A pipeline failed',
    fr: 'Un pipeline a échoué',
    severity: 'error',
    sample: run('Pipeline', 'failed'),
  },
  'pipeline.canceled': {
    en: 'A pipeline was cancelled',
    fr: 'Un pipeline a été annulé',
    severity: 'warning',
    sample: run('Pipeline', 'canceled'),
  },
  'pipeline.updated': {
    en: 'A pipeline changed its state',
    fr: 'Un pipeline a changé d’état',
    sample: run('Pipeline', 'pending'),
  },
  'job.running': {
    en: 'A job of a pipeline started',
    fr: 'Une tâche de pipeline a démarré',
    sample: run('unit', 'running'),
  },
  'job.succeeded': {
    en: 'A job of a pipeline succeeded',
    fr: 'Une tâche de pipeline a réussi',
    sample: run('unit', 'succeeded'),
  },
  'job.failed': {
    en: 'A job of a pipeline failed',
    fr: 'Une tâche de pipeline a échoué',
    severity: 'error',
    sample: run('unit', 'failed'),
  },
  'job.canceled': {
    en: 'A job of a pipeline was cancelled',
    fr: 'Une tâche de pipeline a été annulée',
    severity: 'warning',
    sample: run('unit', 'canceled'),
  },
  'job.updated': {
    en: 'A job of a pipeline changed its state',
    fr: 'Une tâche de pipeline a changé d’état',
    sample: run('unit', 'pending'),
  },
  'release.published': {
    en: 'A release was published',
    fr: 'Une version a été publiée',
    sample: { ...forge, title: 'Release 1.4 of acme/shop', subject: '1.4', data: { tag: 'v1.4' } },
  },
  'release.updated': {
    en: 'A release changed',
    fr: 'Une version a changé',
    sample: { ...forge, title: 'Release 1.4 of acme/shop changed', subject: '1.4', data: { tag: 'v1.4' } },
  },
  'release.deleted': {
    en: 'A release was deleted',
    fr: 'Une version a été supprimée',
    sample: {
      ...forge,
      title: 'Release 1.4 of acme/shop was deleted',
      subject: '1.4',
      data: { tag: 'v1.4' },
    },
  },
  'quality-gate.failed': {
    en: 'Code does not pass its quality gate',
    fr: 'Le code ne passe pas sa barrière de qualité',
    severity: 'error',
    sample: {
      title: 'Shop fails its quality gate on main',
      subject: 'Shop',
      project: 'shop',
      url: 'https://sonar.example.org/dashboard?id=shop',
      data: { ref: 'main', gate: 'Sonar way', failed: ['new_coverage'] },
    },
  },
  'quality-gate.passed': {
    en: 'Code passes its quality gate',
    fr: 'Le code passe sa barrière de qualité',
    sample: {
      title: 'Shop passes its quality gate on main',
      subject: 'Shop',
      project: 'shop',
      url: 'https://sonar.example.org/dashboard?id=shop',
      data: { ref: 'main', gate: 'Sonar way', failed: [] },
    },
  },
  'analysis.failed': {
    en: 'An analysis of code failed',
    fr: 'Une analyse de code a échoué',
    severity: 'warning',
    sample: { title: 'The analysis of Shop failed', subject: 'Shop', project: 'shop', data: { ref: 'main' } },
  },
  'image.pushed': { en: 'An image was pushed', fr: 'Une image a été poussée', sample: image('pushed') },
  'image.pulled': { en: 'An image was pulled', fr: 'Une image a été tirée', sample: image('pulled') },
  'image.deleted': { en: 'An image was deleted', fr: 'Une image a été supprimée', sample: image('deleted') },
  // files
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
  // chat
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
  // boards and projects
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
  // sites
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
  // watching
  'alert.firing': {
    en: 'An alert is raised',
    fr: 'Une alerte est levée',
    severity: 'error',
    sample: alert('firing'),
  },
  'alert.resolved': { en: 'An alert is over', fr: 'Une alerte est terminée', sample: alert('resolved') },
  'monitor.down': {
    en: 'A monitor is down',
    fr: 'Une surveillance est en panne',
    severity: 'error',
    sample: monitor('down'),
  },
  'monitor.up': { en: 'A monitor is up', fr: 'Une surveillance est rétablie', sample: monitor('up') },
  'monitor.pending': {
    en: 'A monitor is in doubt',
    fr: 'Une surveillance est incertaine',
    severity: 'warning',
    sample: monitor('pending'),
  },
  'monitor.maintenance': {
    en: 'A monitor is under maintenance',
    fr: 'Une surveillance est en maintenance',
    sample: monitor('under maintenance'),
  },
  // anything
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

export type EventWord = keyof typeof WORDS

/** Of any type, ours or not. */
export const severityOf = (type: string): Event['severity'] =>
  Object.hasOwn(WORDS, type) ? ((WORDS as Record<string, Word>)[type]?.severity ?? 'info') : 'info'

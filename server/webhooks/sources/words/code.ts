/** Code: forges, pipelines, quality, images. */
import { MIRA, type Word } from './word.ts'

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

export const CODE = {
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
} as const satisfies Record<string, Word>

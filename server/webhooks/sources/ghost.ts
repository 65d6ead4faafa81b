/** Ghost: an HMAC over body and time. Neither body nor headers name the event, so the address does. */
import { createHmac } from 'node:crypto'
import { at, flag, text } from './reading.ts'
import type { Call, Said, SourceType, Verdict } from './source.ts'
import { header, same, timely } from './verify.ts'
import type { EventWord } from './vocabulary.ts'

function verify({ headers, raw, now }: Call, secret: string): Verdict {
  const [, given = '', time = ''] =
    /^sha256=([0-9a-f]{64}), t=(\d{1,15})$/.exec(header(headers, 'x-ghost-signature')) ?? []
  const wanted = createHmac('sha256', secret).update(raw).update(time).digest('hex')
  return same(given, wanted) ? timely(now, Number(time)) : 'signature'
}

type Thing = 'post' | 'page'

const DONE: Record<string, readonly [suffix: string, said: string]> = {
  published: ['published', 'published'],
  'published.edited': ['updated', 'changed'],
  edited: ['updated', 'changed'],
  unpublished: ['unpublished', 'unpublished'],
  scheduled: ['scheduled', 'scheduled'],
  rescheduled: ['scheduled', 'rescheduled'],
  unscheduled: ['unpublished', 'unscheduled'],
  added: ['created', 'begun'],
  deleted: ['deleted', 'deleted'],
}

function article(body: unknown, thing: Thing, done: readonly [string, string], event: string): Said {
  const deleted = done[0] === 'deleted'
  const item = at(body, thing, deleted ? 'previous' : 'current')
  const title = text(item, 'title') ?? `a ${thing}`
  return {
    type: `${thing}.${done[0]}`,
    actor: { name: text(item, 'primary_author', 'name'), username: text(item, 'primary_author', 'slug') },
    title: `“${title}” was ${done[1]}`,
    subject: title,
    url: deleted ? undefined : text(item, 'url'),
    time: text(item, 'updated_at'),
    data: {
      event,
      slug: text(item, 'slug'),
      status: text(item, 'status'),
      previous: text(body, thing, 'previous', 'status'),
      excerpt: text(item, 'excerpt')?.slice(0, 1000),
      image: text(item, 'feature_image'),
      featured: flag(item, 'featured'),
      tag: text(item, 'primary_tag', 'name'),
    },
  }
}

function member(body: unknown, done: string, event: string): Said {
  const item = at(body, 'member', done === 'deleted' ? 'previous' : 'current')
  const name = text(item, 'name') ?? text(item, 'email') ?? 'Somebody'
  const past = { added: 'created', edited: 'updated', deleted: 'deleted' }[done] ?? 'updated'
  return {
    type: `member.${past}`,
    title: `The member ${name} was ${done}`,
    subject: name,
    data: { event, name, email: text(item, 'email'), status: text(item, 'status') },
  }
}

export const ghost: SourceType = {
  name: 'ghost',
  title: 'Ghost',
  accepts: ['json'],
  proves: true,
  verify,
  normalise(body, { event: named }) {
    const event = named ?? guess(body)
    const [thing = '', ...rest] = event.split('.')
    const done = DONE[rest.join('.')]
    if ((thing === 'post' || thing === 'page') && done) return article(body, thing, done, event)
    if (thing === 'member') return member(body, rest.join('.'), event)
    if (event === 'site.changed') return { type: 'site.changed', title: 'The site changed' }
    return { type: 'received', title: `Ghost: ${event || 'a webhook'}`, data: { event } }
  },
  words: [
    ...(['post', 'page'] as const).flatMap((thing) =>
      (['published', 'updated', 'unpublished', 'scheduled', 'created', 'deleted'] as const).map(
        (done): EventWord => `${thing}.${done}`,
      ),
    ),
    'member.created',
    'member.updated',
    'member.deleted',
    'site.changed',
    'received',
  ],
  steps: {
    en: 'Settings > Advanced > Integrations > Add custom integration > Add webhook, one for each event: the URL followed by / and the event’s name (post.published, member.added …), and the secret. Or let `summoner hooks connect` do it.',
    fr: 'Paramètres > Avancé > Intégrations > Ajouter une intégration personnalisée > Ajouter un webhook, un par événement : l’URL suivie de / et du nom de l’événement (post.published, member.added…), et le secret. Ou laissez faire `summoner hooks connect`.',
  },
}

/** For an address without the event: what the change of the status tells. */
function guess(body: unknown): string {
  for (const thing of ['post', 'page'] as const) {
    const now = text(body, thing, 'current', 'status')
    if (now === undefined) continue
    const before = text(body, thing, 'previous', 'status')
    if (before === undefined) return `${thing}.edited`
    return now === 'published'
      ? `${thing}.published`
      : before === 'published'
        ? `${thing}.unpublished`
        : `${thing}.edited`
  }
  if (at(body, 'member') !== undefined) return 'member.edited'
  return Object.keys(body as object).length === 0 ? 'site.changed' : ''
}

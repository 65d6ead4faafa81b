/** WordPress sends no webhooks itself: a plugin of ours (connect/wordpress) sends these, signed by Standard Webhooks. */
import { list, text } from './reading.ts'
import type { Body, Said, SourceType } from './source.ts'
import { header, standardWebhooks } from './verify.ts'
import type { EventWord } from './vocabulary.ts'

const SAID: Record<string, string> = {
  published: 'published',
  updated: 'changed',
  unpublished: 'unpublished',
  scheduled: 'scheduled',
  created: 'begun',
  deleted: 'deleted',
}

const WORDS = [
  ...(['post', 'page'] as const).flatMap((thing) =>
    (['published', 'updated', 'unpublished', 'scheduled', 'created', 'deleted'] as const).map(
      (done): EventWord => `${thing}.${done}`,
    ),
  ),
  'comment.created',
  'user.created',
  'site.updated',
  'ping',
  'received',
] as const

export const wordpress: SourceType = {
  name: 'wordpress',
  title: 'WordPress',
  accepts: ['json'],
  proves: true,
  secretForm: 'whsec',
  verify: standardWebhooks,
  deliveryId: ({ headers }) => header(headers, 'webhook-id') || undefined,
  normalise(body) {
    const event = text(body, 'event') ?? ''
    const known = (WORDS as readonly string[]).includes(event)
    return { ...meaning(event, body), type: known ? event : 'received', time: text(body, 'time') }
  },
  words: WORDS,
  steps: {
    en: 'Run `summoner hooks connect MINION`: it puts a small plugin that must be used (mu-plugin) into the site. For a WordPress elsewhere, docs/webhooks.md has the file.',
    fr: 'Lancez `summoner hooks connect MINION` : une petite extension obligatoire (mu-plugin) est posée dans le site. Pour un WordPress d’ailleurs, docs/webhooks.md donne le fichier.',
  },
}

function meaning(event: string, body: Body): Omit<Said, 'type'> {
  const [thing = '', done = ''] = event.split('.')
  const site = text(body, 'site')
  if (thing === 'comment') {
    const on = text(body, 'comment', 'post', 'title')
    const name = text(body, 'comment', 'author', 'name')
    return {
      title: `${name ?? 'Somebody'} commented on “${on ?? 'a post'}”`,
      actor: { name, email: text(body, 'comment', 'author', 'email') },
      subject: on,
      url: text(body, 'comment', 'url'),
      project: site,
      data: {
        on: 'post',
        text: text(body, 'comment', 'text')?.slice(0, 4000),
        status: text(body, 'comment', 'status'),
      },
    }
  }
  if (thing === 'user') {
    const name = text(body, 'user', 'name') ?? text(body, 'user', 'login')
    return {
      title: `The account ${name ?? ''} was made`,
      subject: name,
      project: site,
      data: { name, login: text(body, 'user', 'login'), email: text(body, 'user', 'email') },
    }
  }
  if (thing === 'site') {
    const kind = text(body, 'update', 'kind')
    const names = list(body, 'update', 'names').filter((name) => typeof name === 'string')
    return { title: `${kind ?? 'WordPress'} updates were installed`, project: site, data: { kind, names } }
  }
  if (thing === 'post' || thing === 'page') {
    const title = text(body, 'post', 'title')
    return {
      title: `“${title ?? `a ${thing}`}” was ${SAID[done] ?? done}`,
      actor: { name: text(body, 'post', 'author', 'name'), username: text(body, 'post', 'author', 'login') },
      subject: title,
      url: text(body, 'post', 'url'),
      project: site,
      data: {
        slug: text(body, 'post', 'slug'),
        status: text(body, 'post', 'status'),
        previous: text(body, 'post', 'previous_status'),
        excerpt: text(body, 'post', 'excerpt'),
        type: text(body, 'post', 'type'),
        id: text(body, 'post', 'id'),
      },
    }
  }
  return {
    title: event === 'ping' ? 'WordPress: the connection works' : `WordPress: ${event}`,
    project: site,
    data: { event },
  }
}

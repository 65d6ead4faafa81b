/** Taiga: an HMAC-SHA1 of the body. */
import { at, names, text } from './reading.ts'
import type { SourceType } from './source.ts'
import { hmacIn } from './verify.ts'
import type { EventWord } from './vocabulary.ts'

const KINDS: Record<string, readonly [word: string, said: string]> = {
  userstory: ['story', 'story'],
  task: ['task', 'task'],
  issue: ['issue', 'issue'],
  epic: ['epic', 'epic'],
  milestone: ['milestone', 'sprint'],
  wikipage: ['wiki', 'wiki page'],
}
const DONE: Record<string, string> = { create: 'created', change: 'changed', delete: 'deleted' }

export const taiga: SourceType = {
  name: 'taiga',
  title: 'Taiga',
  accepts: ['json'],
  proves: true,
  verify: hmacIn('x-taiga-webhook-signature', { algorithm: 'sha1' }),
  normalise(body) {
    const actor = { name: text(body, 'by', 'full_name'), username: text(body, 'by', 'username') }
    const project = text(body, 'data', 'project', 'name')
    const [word, said] = KINDS[text(body, 'type') ?? ''] ?? []
    const done = DONE[text(body, 'action') ?? '']
    if (word === undefined || done === undefined)
      return { type: 'ping', actor, project, title: 'Taiga: the connection works' }
    const title =
      text(body, 'data', 'subject') ?? text(body, 'data', 'name') ?? text(body, 'data', 'slug') ?? ''
    const numbered = text(body, 'data', 'ref')
    const diff = at(body, 'change', 'diff')
    // issues speak the forges' language
    const type = word === 'issue' ? ISSUES[done] : (`${word}.${done}` as EventWord)
    return {
      type: type ?? 'issue.updated',
      actor,
      project,
      title: `${actor.name ?? 'Somebody'} ${done} the ${said} ${numbered ? `#${numbered} ` : ''}${title}`,
      subject: title,
      url: text(body, 'data', 'permalink'),
      time: text(body, 'date'),
      data: {
        number: Number(numbered ?? Number.NaN) || undefined,
        status: text(body, 'data', 'status', 'name'),
        closed: at(body, 'data', 'status', 'is_closed'),
        assigned: text(body, 'data', 'assigned_to', 'username'),
        tags: names(body, ['data', 'tags'], 'name'),
        changes: diff !== null && typeof diff === 'object' ? Object.keys(diff) : [],
        comment: text(body, 'change', 'comment'),
      },
    }
  },
  words: [
    ...(['story', 'task', 'epic', 'milestone', 'wiki'] as const).flatMap((kind) =>
      (['created', 'changed', 'deleted'] as const).map((done): EventWord => `${kind}.${done}`),
    ),
    'issue.opened',
    'issue.updated',
    'issue.deleted',
    'ping',
  ],
  steps: {
    en: 'In the project: Settings > Integrations > Webhooks > Add: the URL as payload URL and the secret as secret key. For a Taiga on this box, its back end needs WEBHOOKS_ALLOW_PRIVATE_ADDRESS=True.',
    fr: 'Dans le projet : Paramètres > Intégrations > Webhooks > Ajouter : l’URL et le secret comme clé secrète. Pour un Taiga de cette machine, son serveur demande WEBHOOKS_ALLOW_PRIVATE_ADDRESS=True.',
  },
}

const ISSUES: Record<string, EventWord> = {
  created: 'issue.opened',
  changed: 'issue.updated',
  deleted: 'issue.deleted',
}

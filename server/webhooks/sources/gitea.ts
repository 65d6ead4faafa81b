/** Gitea and Forgejo: an HMAC of the body, and bodies in GitHub's form. */
import { FORGE_WORDS, type Scene } from './forge.ts'
import { githubEvent } from './github.ts'
import { text } from './reading.ts'
import type { Body, SourceType } from './source.ts'
import { header, hmacIn } from './verify.ts'

function sceneOf(body: Body): Scene {
  return {
    actor: {
      name: text(body, 'sender', 'full_name') ?? text(body, 'sender', 'login'),
      username: text(body, 'sender', 'login') ?? text(body, 'pusher', 'login'),
      email: text(body, 'sender', 'email'),
    },
    project: text(body, 'repository', 'full_name'),
    url: text(body, 'repository', 'html_url'),
  }
}

/** Their own words for reviews; everything else is called as GitHub calls it. */
const REVIEWS: Record<string, string> = {
  pull_request_approved: 'pull_request_review',
  pull_request_rejected: 'pull_request_review',
  pull_request_comment: 'pull_request_review',
}

const named = (name: 'gitea' | 'forgejo', title: string): SourceType => ({
  name,
  title,
  limit: 26 * 1024 * 1024,
  accepts: ['json', 'form'],
  proves: true,
  // Forgejo keeps Gitea's headers beside its own
  verify: hmacIn('x-gitea-signature'),
  deliveryId: ({ headers }) =>
    header(headers, 'x-forgejo-delivery') || header(headers, 'x-gitea-delivery') || undefined,
  normalise(body, { headers }) {
    const scene = sceneOf(body)
    const event = header(headers, 'x-gitea-event')
    const approved = event === 'pull_request_approved' ? { ...body, review: { state: 'approved' } } : body
    const known = githubEvent(REVIEWS[event] ?? event, approved, scene)
    return (
      known ?? {
        type: 'received',
        ...scene,
        title: `${title}: ${event} ${text(body, 'action') ?? ''}`,
        data: { event, action: text(body, 'action') },
      }
    )
  },
  words: FORGE_WORDS,
  steps: {
    en: `In the repository: Settings > Webhooks > Add webhook > ${title}. Target URL: the URL; POST; application/json; Secret: the secret; choose the events. For a ${title} on this box, its app.ini needs [webhook] ALLOWED_HOST_LIST = private.`,
    fr: `Dans le dépôt : Paramètres > Webhooks > Ajouter un webhook > ${title}. URL cible : l’URL ; POST ; application/json ; Secret : le secret ; choisissez les événements. Pour un ${title} de cette machine, son app.ini demande [webhook] ALLOWED_HOST_LIST = private.`,
  },
})

export const gitea = named('gitea', 'Gitea')
export const forgejo = named('forgejo', 'Forgejo')

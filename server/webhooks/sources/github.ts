/** GitHub: an HMAC of the body; the first webhook is a ping. */
import {
  commented,
  FORGE_WORDS,
  githubChange,
  pushed,
  ran,
  refChanged,
  released,
  type Scene,
} from './forge.ts'
import { firstLine, instant, number, shortRef, text } from './reading.ts'
import type { Body, Said, SourceType } from './source.ts'
import { header, hmacIn } from './verify.ts'

function sceneOf(body: Body): Scene {
  return {
    actor: {
      name: text(body, 'sender', 'login') ?? text(body, 'pusher', 'name'),
      username: text(body, 'sender', 'login'),
      email: text(body, 'pusher', 'email'),
    },
    project: text(body, 'repository', 'full_name') ?? text(body, 'organization', 'login'),
    url: text(body, 'repository', 'html_url'),
  }
}

/** Of GitHub and of those who speak its dialect. */
export function githubEvent(event: string, body: Body, scene: Scene): Said | undefined {
  const action = text(body, 'action') ?? ''
  switch (event) {
    case 'push':
      return pushed(scene, body)
    case 'create':
    case 'delete': {
      const kind = text(body, 'ref_type') === 'tag' ? 'tag' : 'branch'
      return refChanged(scene, kind, shortRef(text(body, 'ref')) ?? '', event === 'delete')
    }
    case 'pull_request':
      return githubChange(scene, 'merge-request', action, body)
    case 'issues':
      return githubChange(scene, 'issue', action, body)
    case 'pull_request_review': {
      const approved =
        text(body, 'review', 'state') === 'approved' || text(body, 'review', 'type') === 'approved'
      const said = githubChange(scene, 'merge-request', action, body)
      return approved
        ? { ...said, type: 'merge-request.approved', title: said.title.replace(' updated ', ' approved ') }
        : said
    }
    case 'issue_comment':
    case 'commit_comment':
    case 'pull_request_review_comment': {
      const key = event === 'issue_comment' ? 'issue' : 'pull_request'
      const numbered = text(body, key, 'number')
      const subject =
        numbered === undefined
          ? text(body, 'comment', 'commit_id')?.slice(0, 8)
          : `#${numbered} ${text(body, key, 'title') ?? ''}`
      return action === 'deleted'
        ? undefined
        : commented(
            scene,
            event.replace('_comment', ''),
            subject,
            text(body, 'comment', 'html_url'),
            text(body, 'comment', 'body'),
          )
    }
    case 'release':
      return released(
        scene,
        action === 'published' ? 'published' : action === 'deleted' ? 'deleted' : 'updated',
        {
          name: text(body, 'release', 'name'),
          tag: text(body, 'release', 'tag_name'),
          url: text(body, 'release', 'html_url'),
          notes: text(body, 'release', 'body'),
        },
      )
    case 'workflow_run':
    case 'workflow_job': {
      const key = event
      return {
        ...ran(
          scene,
          event === 'workflow_run' ? 'pipeline' : 'job',
          {
            name: text(body, key, 'name') ?? 'Workflow',
            status: text(body, key, 'conclusion') ?? text(body, key, 'status') ?? '',
            ref: text(body, key, 'head_branch'),
            url: text(body, key, 'html_url'),
          },
          {
            number: number(body, key, 'id'),
            trigger: text(body, key, 'event'),
            commit: {
              id: text(body, key, 'head_sha'),
              title: firstLine(text(body, key, 'head_commit', 'message')),
              author: text(body, key, 'head_commit', 'author', 'name'),
              email: text(body, key, 'head_commit', 'author', 'email'),
            },
          },
        ),
        time: instant(text(body, key, 'updated_at')),
      }
    }
    default:
      return undefined
  }
}

export const github: SourceType = {
  name: 'github',
  title: 'GitHub',
  limit: 26 * 1024 * 1024,
  accepts: ['json', 'form'],
  proves: true,
  verify: hmacIn('x-hub-signature-256', { prefix: 'sha256=' }),
  deliveryId: ({ headers }) => header(headers, 'x-github-delivery') || undefined,
  normalise(body, { headers }) {
    const scene = sceneOf(body)
    const event = header(headers, 'x-github-event')
    if (event === 'ping') return { type: 'ping', ...scene, title: 'GitHub: the connection works' }
    return (
      githubEvent(event, body, scene) ?? {
        type: 'received',
        ...scene,
        title: `GitHub: ${event} ${text(body, 'action') ?? ''}`,
        data: { event, action: text(body, 'action') },
      }
    )
  },
  words: [...FORGE_WORDS, 'ping'],
  steps: {
    en: 'In the repository (or organisation): Settings > Webhooks > Add webhook. Payload URL: the URL; content type application/json; Secret: the secret; choose the events. GitHub must reach this box from the Internet.',
    fr: 'Dans le dépôt (ou l’organisation) : Settings > Webhooks > Add webhook. Payload URL : l’URL ; content type application/json ; Secret : le secret ; choisissez les événements. GitHub doit pouvoir joindre cette machine depuis Internet.',
  },
}

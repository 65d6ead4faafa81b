/** GitLab: project, group and system hooks. A secret token in a header, or since 2026 a Standard Webhooks signature. */
import { changed, commented, FORGE_WORDS, pushed, ran, released, type Scene } from './forge.ts'
import { firstLine, flag, instant, list, names, number, shortRef, text } from './reading.ts'
import type { Body, Call, Said, SourceType } from './source.ts'
import { header, secretIn, standardWebhooks } from './verify.ts'

const DONE = {
  open: 'opened',
  close: 'closed',
  reopen: 'reopened',
  merge: 'merged',
  approved: 'approved',
  approval: 'approved',
} as const
const RELEASED = { create: 'published', update: 'updated', delete: 'deleted' } as const

const pick = <Map extends object>(map: Map, key: string | undefined): Map[keyof Map] | undefined =>
  key !== undefined && Object.hasOwn(map, key) ? map[key as keyof Map] : undefined

function sceneOf(body: Body): Scene {
  return {
    actor: {
      name: text(body, 'user', 'name') ?? text(body, 'user_name'),
      username: text(body, 'user', 'username') ?? text(body, 'user_username'),
      email: text(body, 'user', 'email') ?? text(body, 'user_email'),
    },
    project: text(body, 'project', 'path_with_namespace') ?? text(body, 'project_name'),
    url: text(body, 'project', 'web_url') ?? text(body, 'repository', 'homepage'),
  }
}

function item(body: Body, scene: Scene, kind: 'merge-request' | 'issue'): Said {
  const facts = body['object_attributes']
  const action = text(facts, 'action')
  return changed(
    scene,
    kind,
    pick(DONE, action) ?? 'updated',
    { number: text(facts, 'iid'), title: text(facts, 'title'), url: text(facts, 'url') },
    {
      action,
      state: text(facts, 'state'),
      labels: names(body, ['labels'], 'title'),
      assignees: names(body, ['assignees'], 'username'),
      changes: Object.keys((body['changes'] as object | undefined) ?? {}),
      ...(kind === 'issue'
        ? {}
        : {
            source: text(facts, 'source_branch'),
            target: text(facts, 'target_branch'),
            draft: flag(facts, 'draft'),
          }),
    },
  )
}

function pipeline(body: Body, scene: Scene): Said {
  const facts = body['object_attributes']
  const failed = list(body, 'builds').filter((build) => text(build, 'status') === 'failed')
  return {
    ...ran(
      scene,
      'pipeline',
      {
        name: text(facts, 'name') ?? 'Pipeline',
        status: text(facts, 'status') ?? '',
        ref: text(facts, 'ref'),
        url: text(facts, 'url'),
      },
      {
        number: number(facts, 'id'),
        trigger: text(facts, 'source'),
        seconds: number(facts, 'duration'),
        failed: failed.map((build) => text(build, 'name')),
        commit: {
          id: text(body, 'commit', 'id'),
          title: text(body, 'commit', 'title'),
          url: text(body, 'commit', 'url'),
          author: text(body, 'commit', 'author', 'name'),
          email: text(body, 'commit', 'author', 'email'),
        },
      },
    ),
    time: instant(text(facts, 'finished_at') ?? text(facts, 'created_at')),
  }
}

function job(body: Body, scene: Scene): Said {
  const build = text(body, 'build_id')
  return ran(
    scene,
    'job',
    {
      name: text(body, 'build_name') ?? 'Job',
      status: text(body, 'build_status') ?? '',
      ref: text(body, 'ref'),
      url: scene.url && build ? `${scene.url}/-/jobs/${encodeURIComponent(build)}` : undefined,
    },
    {
      number: number(body, 'build_id'),
      stage: text(body, 'build_stage'),
      reason: text(body, 'build_failure_reason'),
      pipeline: number(body, 'pipeline_id'),
      seconds: number(body, 'build_duration'),
      commit: {
        id: text(body, 'sha'),
        title: firstLine(text(body, 'commit', 'message')),
        author: text(body, 'commit', 'author_name'),
      },
    },
  )
}

function note(body: Body, scene: Scene): Said {
  const facts = body['object_attributes']
  const on = text(facts, 'noteable_type') ?? 'something'
  const kinds: Record<string, readonly [string, string]> = {
    MergeRequest: ['merge_request', '!'],
    Issue: ['issue', '#'],
    Snippet: ['snippet', '$'],
  }
  const [key, sign] = pick(kinds, on) ?? ['commit', '']
  const iid = text(body, key, 'iid') ?? text(body, key, 'id')?.slice(0, 8) ?? ''
  const subject = `${sign}${iid} ${text(body, key, 'title') ?? text(body, key, 'message') ?? ''}`.trim()
  return commented(scene, on, subject, text(facts, 'url'), text(facts, 'note'))
}

export const gitlab: SourceType = {
  name: 'gitlab',
  title: 'GitLab',
  // its own cap is 25 MB
  limit: 30 * 1024 * 1024,
  accepts: ['json'],
  proves: true,
  verify(call, secret) {
    if (header(call.headers, 'webhook-signature') === '') return secretIn('x-gitlab-token')(call, secret)
    const verdict = standardWebhooks(call, secret)
    // a hook may carry both, and Summoner may know the token only
    return verdict === 'signature' ? secretIn('x-gitlab-token')(call, secret) : verdict
  },
  deliveryId({ headers }: Call) {
    const own = header(headers, 'idempotency-key') || header(headers, 'webhook-id')
    // one event reaches several hooks of a project and its group
    const event = header(headers, 'x-gitlab-event-uuid')
    return own || (event && `${event} ${header(headers, 'x-gitlab-webhook-uuid')}`) || undefined
  },
  normalise(body, { headers }) {
    const scene = sceneOf(body)
    switch (text(body, 'object_kind') ?? text(body, 'event_name')) {
      case 'push':
      case 'tag_push':
        return pushed(scene, body, number(body, 'total_commits_count'))
      case 'merge_request':
        return item(body, scene, 'merge-request')
      case 'issue':
      case 'work_item':
        return item(body, scene, 'issue')
      case 'note':
        return note(body, scene)
      case 'pipeline':
        return pipeline(body, scene)
      case 'build':
        return job(body, scene)
      case 'release': {
        const [name, tag, url, notes] = ['name', 'tag', 'url', 'description'].map((key) => text(body, key))
        return released(scene, pick(RELEASED, text(body, 'action')) ?? 'updated', {
          name,
          tag: shortRef(tag),
          url,
          notes,
        })
      }
      default: {
        const event = header(headers, 'x-gitlab-event') || 'a webhook'
        return { type: 'received', ...scene, title: `GitLab: ${event}`, data: { event } }
      }
    }
  },
  words: FORGE_WORDS,
  steps: {
    en: 'In the project (or group): Settings > Webhooks > Add new webhook. Paste the URL, put the secret into “Secret token”, tick the triggers, add it, then Test > Push events. For a GitLab on this box an administrator first allows it: Admin > Settings > Network > Outbound requests > Allow requests to the local network from webhooks and integrations.',
    fr: 'Dans le projet (ou le groupe) : Paramètres > Webhooks > Ajouter. Collez l’URL, mettez le secret dans « Jeton secret », cochez les déclencheurs, enregistrez, puis Tester > Événements de push. Pour un GitLab de cette machine, un administrateur l’autorise d’abord : Admin > Paramètres > Réseau > Requêtes sortantes > Autoriser les requêtes vers le réseau local.',
  },
}

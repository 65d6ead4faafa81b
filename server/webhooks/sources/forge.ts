/** What GitLab, GitHub and Gitea have in common: one way of saying what happened in a repository. Pure. */
import type { Said } from './source.ts'
import { firstLine, flag, isNothing, list, names, plural, shortRef, text } from './reading.ts'
import type { EventWord } from './vocabulary.ts'

/** Who did what in which repository. */
export interface Scene {
  actor: { name?: string | undefined; username?: string | undefined; email?: string | undefined }
  project: string | undefined
  url: string | undefined
}

const MOST_COMMITS = 20

const who = ({ actor }: Scene) => actor.name ?? actor.username ?? 'Somebody'
const where = ({ project }: Scene) => (project === undefined ? '' : ` in ${project}`)

/** A push as all three send it: `ref`, `before`, `after`, `commits`. */
export function pushed(scene: Scene, body: unknown, total?: number): Said {
  const [before, after, fullRef] = [text(body, 'before'), text(body, 'after'), text(body, 'ref')]
  const ref = shortRef(fullRef) ?? ''
  const commits = list(body, 'commits')
    .slice(-MOST_COMMITS)
    .map((commit) => ({
      id: text(commit, 'id'),
      title: text(commit, 'title') ?? firstLine(text(commit, 'message')),
      url: text(commit, 'url'),
      author: text(commit, 'author', 'name'),
      email: text(commit, 'author', 'email'),
    }))
  const count = total ?? list(body, 'commits').length
  const data = {
    ref,
    before,
    after,
    count,
    commits,
    compare: text(body, 'compare') ?? text(body, 'compare_url'),
  }
  if (fullRef?.startsWith('refs/tags/')) return refChanged(scene, 'tag', ref, isNothing(after), data)
  if (isNothing(after)) return refChanged(scene, 'branch', ref, true, data)
  if (isNothing(before) && count === 0) return refChanged(scene, 'branch', ref, false, data)
  return {
    type: 'push',
    ...scene,
    title: `${who(scene)} pushed ${plural(count, 'commit')} to ${ref}${scene.project ? ` of ${scene.project}` : ''}`,
    subject: ref,
    url: commits.at(-1)?.url ?? scene.url,
    data,
  }
}

export function refChanged(
  scene: Scene,
  kind: 'branch' | 'tag',
  ref: string,
  deleted: boolean,
  data: Record<string, unknown> = {},
): Said {
  const done = deleted ? 'deleted' : 'created'
  return {
    type: `${kind}.${done}`,
    ...scene,
    title: `${who(scene)} ${done} the ${kind} ${ref}${where(scene)}`,
    subject: ref,
    data: { ref, ...data },
  }
}

type Change = 'opened' | 'updated' | 'approved' | 'merged' | 'closed' | 'reopened'

/** An issue or a merge request changed hands or state. */
export function changed(
  scene: Scene,
  kind: 'merge-request' | 'issue',
  done: Change,
  what: { number: string | undefined; title: string | undefined; url: string | undefined },
  data: Record<string, unknown>,
): Said {
  const sign = `${kind === 'issue' ? '#' : '!'}${what.number ?? ''}`
  const type = (
    kind === 'issue' && (done === 'merged' || done === 'approved') ? 'issue.updated' : `${kind}.${done}`
  ) as EventWord
  return {
    type,
    ...scene,
    title: `${who(scene)} ${done} ${sign} ${what.title ?? ''}${where(scene)}`,
    subject: what.title,
    url: what.url,
    data: { number: Number(what.number), ...data },
  }
}

export function commented(
  scene: Scene,
  on: string,
  subject: string | undefined,
  url: string | undefined,
  comment: string | undefined,
): Said {
  return {
    type: 'comment.created',
    ...scene,
    title: `${who(scene)} commented on ${subject ?? on}${where(scene)}`,
    subject,
    url,
    data: { on, text: comment?.slice(0, 4000) },
  }
}

export function released(
  scene: Scene,
  done: 'published' | 'updated' | 'deleted',
  release: {
    name: string | undefined
    tag: string | undefined
    url: string | undefined
    notes?: string | undefined
  },
): Said {
  const name = release.name ?? release.tag ?? ''
  return {
    type: `release.${done}`,
    ...scene,
    title: `Release ${name}${scene.project ? ` of ${scene.project}` : ''}${{ published: '', updated: ' changed', deleted: ' was deleted' }[done]}`,
    subject: name,
    url: release.url ?? scene.url,
    data: { tag: release.tag, text: release.notes?.slice(0, 4000) },
  }
}

const ENDS: Record<string, 'succeeded' | 'failed' | 'canceled' | 'running'> = {
  success: 'succeeded',
  succeeded: 'succeeded',
  failed: 'failed',
  failure: 'failed',
  timed_out: 'failed',
  startup_failure: 'failed',
  canceled: 'canceled',
  cancelled: 'canceled',
  running: 'running',
  in_progress: 'running',
}

/** A pipeline, or one of its jobs, is in a new state; `status` is the tool's own word. */
export function ran(
  scene: Scene,
  kind: 'pipeline' | 'job',
  what: { name: string; status: string; ref: string | undefined; url: string | undefined },
  data: Record<string, unknown>,
): Said {
  const end = ENDS[what.status] ?? 'updated'
  return {
    type: `${kind}.${end}`,
    ...scene,
    title: `${what.name} ${end === 'updated' ? what.status : end} on ${what.ref ?? '?'}${scene.project ? ` of ${scene.project}` : ''}`,
    subject: what.name,
    url: what.url ?? scene.url,
    data: { ref: what.ref, status: what.status, ...data },
  }
}

/** What GitHub and Gitea, which shares its form, both call a pull request or an issue. */
export function githubChange(
  scene: Scene,
  kind: 'merge-request' | 'issue',
  action: string,
  body: unknown,
): Said {
  const item = kind === 'issue' ? 'issue' : 'pull_request'
  const merged = action === 'closed' && flag(body, item, 'merged') === true
  const done = merged ? 'merged' : (CHANGES[action] ?? 'updated')
  return changed(
    scene,
    kind,
    done,
    {
      number: text(body, item, 'number') ?? text(body, 'number'),
      title: text(body, item, 'title'),
      url: text(body, item, 'html_url'),
    },
    {
      action,
      labels: names(body, [item, 'labels'], 'name'),
      assignees: names(body, [item, 'assignees'], 'login'),
      ...(kind === 'issue'
        ? {}
        : {
            source: text(body, item, 'head', 'ref'),
            target: text(body, item, 'base', 'ref'),
            draft: flag(body, item, 'draft'),
          }),
    },
  )
}

const CHANGES: Partial<Record<string, Change>> = { opened: 'opened', closed: 'closed', reopened: 'reopened' }

/** What all forges may say. */
export const FORGE_WORDS = [
  'push',
  'branch.created',
  'branch.deleted',
  'tag.created',
  'tag.deleted',
  'merge-request.opened',
  'merge-request.updated',
  'merge-request.approved',
  'merge-request.merged',
  'merge-request.closed',
  'merge-request.reopened',
  'issue.opened',
  'issue.updated',
  'issue.closed',
  'issue.reopened',
  'comment.created',
  'pipeline.running',
  'pipeline.succeeded',
  'pipeline.failed',
  'pipeline.canceled',
  'pipeline.updated',
  'job.running',
  'job.succeeded',
  'job.failed',
  'job.canceled',
  'job.updated',
  'release.published',
  'release.updated',
  'release.deleted',
  'received',
] as const satisfies EventWord[]

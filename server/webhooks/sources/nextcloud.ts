/** Nextcloud's webhook_listeners: no signature, a header of one's choice, and no content type unless it is configured. */
import { at, number, text } from './reading.ts'
import type { Said, SourceType } from './source.ts'
import { staticHeader } from './verify.ts'
import type { EventWord } from './vocabulary.ts'

const FILES: Record<string, readonly [EventWord, string]> = {
  NodeCreatedEvent: ['file.created', 'added'],
  NodeWrittenEvent: ['file.changed', 'changed'],
  NodeTouchedEvent: ['file.changed', 'changed'],
  NodeRenamedEvent: ['file.renamed', 'renamed'],
  NodeCopiedEvent: ['file.copied', 'copied'],
  NodeDeletedEvent: ['file.deleted', 'deleted'],
  NodeRestoredEvent: ['file.created', 'restored'],
  ShareCreatedEvent: ['share.created', 'shared'],
  ShareDeletedEvent: ['share.deleted', 'unshared'],
}

export const nextcloud: SourceType = {
  name: 'nextcloud',
  title: 'Nextcloud',
  accepts: ['json', 'none'],
  proves: true,
  verify: staticHeader,
  normalise(body): Said {
    const event = body['event']
    const kind = text(event, 'class') ?? ''
    const actor = { name: text(body, 'user', 'displayName'), username: text(body, 'user', 'uid') }
    const seconds = number(body, 'time')
    const time = seconds === undefined ? undefined : new Date(Math.min(seconds, 8e12) * 1000).toISOString()
    const [word, done] = FILES[kind.split('\\').at(-1) ?? ''] ?? []
    if (word === undefined || done === undefined)
      return { type: 'received', actor, time, title: `Nextcloud: ${kind}`, data: { event: kind } }
    // moves and copies tell both ends
    const node = at(event, 'node') ?? at(event, 'target') ?? at(event, 'share', 'node')
    const path = text(node, 'path') ?? ''
    const from = text(event, 'source', 'path')
    const parts = path.split('/')
    const name = parts.at(-1) ?? path
    const folder = parts.slice(0, -1).join('/')
    return {
      type: word,
      actor,
      time,
      title: `${actor.name ?? actor.username ?? 'Somebody'} ${done} ${name}`,
      subject: name,
      data: { path, folder, name, from, id: number(node, 'id'), class: kind },
    }
  },
  words: [
    'file.created',
    'file.changed',
    'file.renamed',
    'file.copied',
    'file.deleted',
    'share.created',
    'share.deleted',
    'received',
  ],
  steps: {
    en: 'Run `occ app:enable webhook_listeners`, then register one listener for each event with the OCS API (docs/webhooks.md has the call), with the URL as `uri`, {"Content-Type": "application/json"} as headers, and the secret in authData as X-Summoner-Token. A Nextcloud on this box also needs `occ config:system:set allow_local_remote_servers --type boolean --value true`.',
    fr: 'Lancez `occ app:enable webhook_listeners`, puis enregistrez un écouteur par événement avec l’API OCS (docs/webhooks.md donne l’appel), l’URL comme `uri`, {"Content-Type": "application/json"} comme en-têtes, et le secret dans authData sous X-Summoner-Token. Un Nextcloud de cette machine demande aussi `occ config:system:set allow_local_remote_servers --type boolean --value true`.',
  },
}

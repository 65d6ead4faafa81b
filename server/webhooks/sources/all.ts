/** Every source type there is. */
import type { EventTypeLine } from '../../events/catalogue.ts'
import { alertmanager } from './alertmanager.ts'
import { generic, n8n, standard } from './generic.ts'
import { ghost } from './ghost.ts'
import { forgejo, gitea } from './gitea.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import { kibana } from './kibana.ts'
import { mattermost } from './mattermost.ts'
import { nextcloud } from './nextcloud.ts'
import { registry } from './registry.ts'
import { sonarqube } from './sonarqube.ts'
import type { SourceType, SourceTypeName } from './source.ts'
import { taiga } from './taiga.ts'
import { uptimeKuma } from './uptime-kuma.ts'
import { severityOf, WORDS } from './vocabulary.ts'
import { wekan } from './wekan.ts'
import { wordpress } from './wordpress.ts'

export const sourceTypes: Readonly<Record<SourceTypeName, SourceType>> = {
  alertmanager,
  forgejo,
  generic,
  ghost,
  gitea,
  github,
  gitlab,
  kibana,
  mattermost,
  n8n,
  nextcloud,
  registry,
  sonarqube,
  'standard-webhooks': standard,
  taiga,
  'uptime-kuma': uptimeKuma,
  wekan,
  wordpress,
}

/** What sources may send, for whoever writes a recipe. */
export function sourceEventTypes(): EventTypeLine[] {
  return Object.values(sourceTypes).flatMap(({ name, words }) =>
    words.map((type) => {
      const { en, fr, sample } = WORDS[type]
      const severity = severityOf(type)
      return {
        type,
        source: name,
        summary: { en, fr },
        severity,
        sample: { id: 1, at: '2026-03-01T12:00:00.000Z', type, source: name, severity, data: {}, ...sample },
      }
    }),
  )
}

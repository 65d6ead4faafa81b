/** Tells, once, that a minion would run another version when it is applied: after an update of Summoner, or of its template. */
import type { Config } from '../config/config.ts'
import type { Events } from '../events/event.ts'
import { readApplied } from './applied.ts'
import { versionChange } from './version-change.ts'
import type { Wishes } from './wishes.ts'

interface UpdateWatchDeps {
  wishes: Pick<Wishes, 'list'>
  config(): Config
  recordsDir: string
  events: Pick<Events, 'append' | 'list'>
}

export function createUpdateWatch({ wishes, config, recordsDir, events }: UpdateWatchDeps): () => void {
  return () => {
    for (const { application, rendered } of wishes.list(config())) {
      const minion = application.name
      const applied = readApplied(recordsDir, minion)
      if (!applied?.ready || !rendered) continue
      const change = versionChange(applied.services, rendered.services, rendered.web[0]?.service)
      if (!change) continue
      const { from, to } = change
      // the log itself remembers what was told
      const [last] = events.list({ minion, type: 'update.available', limit: 1 })
      if (last?.data['from'] === from && last.data['to'] === to) continue
      events.append({
        type: 'update.available',
        minion,
        title: `${minion} may be updated from ${from} to ${to}: summoner apply`,
        data: { ...change },
      })
    }
  }
}

/** What a box tells before anybody wrote a recipe: its failures, to `email`, when `mail` is set. */
import type { Config } from '../config/config.ts'
import type { Recipe } from './recipe.ts'

export const ALERT_TYPES = [
  'minion.failed',
  'minion.died',
  'minion.unhealthy',
  'minion.crash-looping',
  'minion.recovered',
  'backup.failed',
  'backup.late',
  'dump.failed',
  'restore.failed',
  'proof.failed',
  'destination.failed',
  'certificate.failed',
  'certificate.expiring',
  'proxy.failed',
  'disk.low',
  'engine.lost',
  'database.quarantined',
  'sign-in.locked',
] as const

const alerts = (to: string, domain: string): Recipe => ({
  name: 'alerts',
  on: { source: 'summoner', type: [...ALERT_TYPES] },
  do: [
    {
      mail: {
        to,
        subject: `[${domain}] {{ event.title | truncate: 120 }}`,
        text:
          '{{ event.title }}\n\n{{ event.type }}, {{ event.at | date: "%Y-%m-%d %H:%M" }}\n' +
          `{% if event.minion %}summoner logs {{ event.minion }}{% else %}summoner events{% endif %}`,
      },
      // a bad minute is one mail
      group: { for: '1m' },
    },
  ],
})

/** The recipes that are in force. */
export function recipesOf({ recipes, mail, email, domain }: Config): readonly Recipe[] {
  if (recipes.length > 0) return recipes
  return mail !== undefined && email !== undefined ? [alerts(email, domain)] : []
}

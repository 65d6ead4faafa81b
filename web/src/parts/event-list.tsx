import type { Event } from '../../../server/events/event.ts'
import { t } from '../i18n/i18n.ts'
import { eventText } from '../i18n/server-words.ts'
import { Link } from '../router/router.tsx'
import { fold } from './fold.ts'
import { Shape } from './shape.tsx'
import { When } from './time.tsx'

const MARK = { info: ['dot', 'none'], warning: ['triangle', 'warn'], error: ['square', 'bad'] } as const

/** What happened, newest first, the same again and again as one row; the raw events behind a click. */
export function EventList({
  events,
  withMinion = false,
}: {
  events: readonly Event[]
  withMinion?: boolean
}) {
  return (
    <ul class="list">
      {fold(events, (event) => `${event.severity} ${event.minion ?? ''} ${eventText(event)}`).map((same) => {
        const [event] = same
        if (!event) return null
        const [shape, tone] = MARK[event.severity]
        return (
          <li key={same.at(-1)?.id}>
            <span class={`connection tone-${tone}`} style={{ padding: '6px 0 0' }}>
              <Shape name={shape} />
              <span class="hidden-text">{t(`severity.${event.severity}`)}</span>
            </span>
            <div class="grow">
              <div>
                {eventText(event)}
                {same.length > 1 && <span class="faint"> · {t('events.times', { n: same.length })}</span>}
              </div>
              <details class="by-hand">
                <summary>
                  <When at={event.at} /> · <span class="mono">{event.type}</span>
                </summary>
                <pre class="log" style={{ margin: 0, maxHeight: '240px' }} tabIndex={0}>
                  {same.map((one) => JSON.stringify(one, null, 2)).join('\n')}
                </pre>
              </details>
            </div>
            {withMinion && event.minion && (
              <Link class="small" to={`/minions/${event.minion}`}>
                {event.minion}
              </Link>
            )}
          </li>
        )
      })}
    </ul>
  )
}

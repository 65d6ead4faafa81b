import type { Event } from '../../../server/events/event.ts'
import { t } from '../i18n/i18n.ts'
import { eventText } from '../i18n/server-words.ts'
import { Link } from '../router/router.tsx'
import { Shape } from './shape.tsx'
import { When } from './time.tsx'

const MARK = { info: ['dot', 'none'], warning: ['triangle', 'warn'], error: ['square', 'bad'] } as const

/** What happened, newest first; the raw event behind a click. */
export function EventList({
  events,
  withMinion = false,
}: {
  events: readonly Event[]
  withMinion?: boolean
}) {
  return (
    <ul class="list">
      {events.map((event) => {
        const [shape, tone] = MARK[event.severity]
        return (
          <li key={event.id}>
            <span class={`connection tone-${tone}`} style={{ padding: '6px 0 0' }}>
              <Shape name={shape} />
              <span class="hidden-text">{t(`severity.${event.severity}`)}</span>
            </span>
            <div class="grow">
              <div>{eventText(event)}</div>
              <details class="by-hand">
                <summary>
                  <When at={event.at} /> · <span class="mono">{event.type}</span>
                </summary>
                <pre class="log" style={{ margin: 0, maxHeight: '240px' }} tabIndex={0}>
                  {JSON.stringify(event, null, 2)}
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

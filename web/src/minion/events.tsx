import type { Event } from '../../../server/events/event.ts'
import { useAsk } from '../api/ask.ts'
import { get, part } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Empty, Loaded } from '../parts/empty.tsx'
import { EventList } from '../parts/event-list.tsx'

export function Events({ name }: { name: string }) {
  const events = useAsk(() => get<{ events: Event[] }>(`/events?minion=${part(name)}&limit=200`), [name], {
    live: true,
  })
  return (
    <Loaded asked={events}>
      {({ events: all }) =>
        all.length === 0 ? (
          <Empty icon="clock" title={t('events.none')}>
            {t('events.none.what')}
          </Empty>
        ) : (
          <EventList events={all.toReversed()} />
        )
      }
    </Loaded>
  )
}

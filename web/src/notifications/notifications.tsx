/** The notification centre: what happens, and who may say so from outside. */
import { useEffect, useState } from 'preact/hooks'
import type { Event } from '../../../server/events/event.ts'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { onEvent } from '../api/live.ts'
import { t } from '../i18n/i18n.ts'
import { Empty, Loaded } from '../parts/empty.tsx'
import { EventList } from '../parts/event-list.tsx'
import { SelectField } from '../parts/field.tsx'
import { Only } from '../parts/only.tsx'
import { Tabs } from '../parts/tabs.tsx'
import type { Params } from '../router/match.ts'
import { may } from '../session/session.ts'
import { Deliveries } from './deliveries.tsx'
import { Recipes } from './recipes.tsx'
import { Sources } from './sources.tsx'

export function Page({ tab = '' }: Params) {
  return (
    <>
      <h1>{t('nav.notifications')}</h1>
      <Tabs
        label={t('nav.notifications')}
        tabs={[
          { to: '/notifications', label: t('events') },
          { to: '/notifications/sources', label: t('sources') },
          { to: '/notifications/recipes', label: t('recipes') },
          ...(may('operator') ? [{ to: '/notifications/deliveries', label: t('deliveries') }] : []),
        ]}
      />
      {tab === 'sources' ? (
        <Sources />
      ) : tab === 'recipes' ? (
        <Recipes />
      ) : tab === 'deliveries' ? (
        <Only role="operator">
          <Deliveries />
        </Only>
      ) : (
        <Stream />
      )}
    </>
  )
}

const SHOWN = 200

function Stream() {
  const [severity, setSeverity] = useState('')
  const [fresh, setFresh] = useState<readonly Event[]>([])
  const events = useAsk(async () => (await get<{ events: Event[] }>(`/events?limit=${SHOWN}`)).events, [])
  useEffect(() => onEvent((event) => setFresh((before) => [...before, event].slice(-SHOWN))), [])
  return (
    <div class="stack">
      <div style={{ maxWidth: '260px' }}>
        <SelectField
          label={t('events.show')}
          value={severity}
          onChange={setSeverity}
          choices={[
            { value: '', label: t('events.all') },
            { value: 'warning', label: t('events.warnings') },
            { value: 'error', label: t('events.errors') },
          ]}
        />
      </div>
      <Loaded asked={events} lines={8}>
        {(old) => {
          const known = new Set(old.map(({ id }) => id))
          const all = [...old, ...fresh.filter(({ id }) => !known.has(id))]
            .filter((one) => severity === '' || one.severity === 'error' || one.severity === severity)
            .toReversed()
          return all.length === 0 ? (
            <Empty icon="bell" title={t('events.none')}>
              {t('events.none.what')}
            </Empty>
          ) : (
            <div aria-live="polite" aria-relevant="additions">
              <EventList events={all} withMinion />
            </div>
          )
        }}
      </Loaded>
    </div>
  )
}

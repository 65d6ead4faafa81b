/** Where copies lie off this disk, how each place is, and copying there now. */
import type { DestinationView } from '../../../server/backups/destinations/destination.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { said } from '../i18n/server-words.ts'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Badge, type ShapeName, type Tone } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'

const MARK: Record<DestinationView['state'], [ShapeName, Tone]> = {
  ok: ['full', 'ok'],
  behind: ['half', 'notice'],
  failed: ['square', 'bad'],
}

export function Destinations() {
  const asked = useAsk(
    async () => (await get<{ destinations: DestinationView[] }>('/destinations')).destinations,
    [],
    { live: true },
  )
  const { busy, trouble, act } = useAct()
  const copy = (name: string) =>
    act(async () => {
      await post(`/destinations/${part(name)}/copy`)
      notify('notice', t('destinations.begun', { name }))
    })
  return (
    <section class="stack tight" aria-labelledby="destinations">
      <h2 id="destinations">{t('destinations')}</h2>
      {trouble && <TroubleNote trouble={trouble} />}
      <Loaded asked={asked} lines={2} height={32}>
        {(all) =>
          all.length === 0 ? (
            <Empty
              icon="server"
              title={t('destinations.none')}
              action={
                may('administrator') && (
                  <Link class="button" to="/box">
                    {t('destinations.add')}
                  </Link>
                )
              }
            >
              {t('destinations.none.what')}
            </Empty>
          ) : (
            <ul class="rows">
              {all.map((one) => (
                <li key={one.name}>
                  <div class="grow">
                    <h3>{one.name}</h3>
                    <p class="small faint">
                      <span class="mono">{one.to}</span>
                      {` · ${t('sets.count', { n: one.sets })}`}
                      {one.missing > 0 && ` · ${t('destinations.missing', { n: one.missing })}`}
                      {one.newest && (
                        <>
                          {` · ${t('destinations.newest')} `}
                          <When at={one.newest} />
                        </>
                      )}
                    </p>
                    {one.problem && (
                      <Note tone="bad">
                        <span>{said(one.problem)}</span>
                      </Note>
                    )}
                  </div>
                  <Badge
                    shape={MARK[one.state][0]}
                    tone={MARK[one.state][1]}
                    word={t(`destination.${one.state}`)}
                  />
                  {may('operator') && (
                    <button
                      type="button"
                      class="button small"
                      disabled={busy || one.job !== undefined}
                      onClick={() => void copy(one.name)}
                    >
                      {t('destinations.copy')}
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  )
}

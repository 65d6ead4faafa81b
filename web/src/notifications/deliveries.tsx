/** What was sent, what waits, what was given up; and sending it again. */
import { useState } from 'preact/hooks'
import type { Delivery } from '../../../server/webhooks/delivery.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, post } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { SelectField } from '../parts/field.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Badge, type ShapeName, type Tone } from '../parts/shape.tsx'
import { When } from '../parts/time.tsx'
import { Table } from '../parts/table.tsx'

const MARK: Record<Delivery['state'], [ShapeName, Tone]> = {
  waiting: ['half', 'notice'],
  pending: ['half', 'notice'],
  sending: ['turn', 'notice'],
  joined: ['dot', 'none'],
  delivered: ['full', 'ok'],
  dead: ['square', 'bad'],
  dropped: ['ring', 'none'],
}

export function Deliveries() {
  const [state, setState] = useState('')
  const deliveries = useAsk(
    async () =>
      (await get<{ deliveries: Delivery[] }>(`/deliveries?limit=100${state ? `&state=${state}` : ''}`))
        .deliveries,
    [state],
    { everyMs: 5_000 },
  )
  const { busy, trouble, act } = useAct()
  const replay = (path: string) =>
    act(async () => {
      const { replayed } = await post<{ replayed: number }>(
        path,
        path.endsWith('/deliveries/replay') ? {} : undefined,
      )
      notify('notice', t('deliveries.replayed', { n: replayed }))
      deliveries.again()
    })
  return (
    <div class="stack">
      <div class="spread" style={{ alignItems: 'flex-end' }}>
        <div style={{ minWidth: '240px' }}>
          <SelectField
            label={t('events.show')}
            value={state}
            onChange={setState}
            choices={[
              { value: '', label: t('events.all') },
              { value: 'dead', label: t('delivery.dead') },
              { value: 'pending', label: t('delivery.pending') },
              { value: 'delivered', label: t('delivery.delivered') },
            ]}
          />
        </div>
        {state === 'dead' && (
          <button
            type="button"
            class="button"
            disabled={busy}
            onClick={() => void replay('/deliveries/replay')}
          >
            {t('deliveries.replayAll')}
          </button>
        )}
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      <Loaded asked={deliveries} lines={6}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="bell" title={t('deliveries.none')}>
              {t('deliveries.none.what')}
            </Empty>
          ) : (
            <Table
              label={t('deliveries')}
              columns={[t('jobs.when'), t('container.state'), t('deliveries.recipe'), t('deliveries.to')]}
              actions
            >
              {all.map((one) => {
                const [shape, tone] = MARK[one.state]
                return (
                  <tr key={one.id}>
                    <td class="small">
                      <When at={one.createdAt} />
                    </td>
                    <td>
                      <Badge shape={shape} tone={tone} word={t(`delivery.${one.state}`)} />
                      {one.error && <div class="small faint">{one.error}</div>}
                    </td>
                    <td class="mono small">{one.recipe}</td>
                    <td>
                      {one.destination.replace(/^channel:/, '')}
                      {one.attempts > 1 && (
                        <div class="small faint">{t('deliveries.tries', { n: one.attempts })}</div>
                      )}
                    </td>
                    <td>
                      {(one.state === 'dead' || one.state === 'delivered') && (
                        <button
                          type="button"
                          class="button small"
                          disabled={busy}
                          onClick={() => void replay(`/deliveries/${one.id}/replay`)}
                        >
                          {t('deliveries.replay')}
                        </button>
                      )}
                    </td>
                  </tr>
                )
              })}
            </Table>
          )
        }
      </Loaded>
      <ByHand command="summoner deliveries" />
    </div>
  )
}

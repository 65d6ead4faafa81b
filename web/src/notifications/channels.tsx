/** Where recipes write: trying a channel, adding and removing one. */
import { useState } from 'preact/hooks'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post, remove } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { may } from '../session/session.ts'
import { AddChannel } from './add-channel.tsx'

export function Channels() {
  const asked = useAsk(
    async () => (await get<{ channels: { name: string; type: string }[] }>('/channels')).channels,
    [],
    { live: true },
  )
  const [adding, setAdding] = useState(false)
  const { busy, trouble, act } = useAct()
  const test = (name: string) =>
    act(async () => {
      await post(`/channels/${part(name)}/test`)
      notify('ok', t('channels.tested', { name }))
    })
  const add = may('administrator') && (
    <button type="button" class="button" onClick={() => setAdding(true)}>
      <Icon name="plus" />
      {t('channels.add')}
    </button>
  )
  return (
    <section class="stack tight" aria-labelledby="channels">
      <div class="spread">
        <h2 id="channels">{t('channels')}</h2>
        {asked.data && asked.data.length > 0 && add}
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      <Loaded asked={asked} lines={2} height={40}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="chat" title={t('channels.none')} action={add}>
              {t('channels.none.what')}
            </Empty>
          ) : (
            <ul class="list">
              {all.map(({ name, type }) => (
                <li key={name}>
                  <span class="grow">
                    <span class="strong">{name}</span> <span class="tag">{type}</span>
                  </span>
                  {may('operator') && (
                    <button
                      type="button"
                      class="button small"
                      disabled={busy}
                      onClick={() => void test(name)}
                    >
                      {t('channels.test')}
                    </button>
                  )}
                  {may('administrator') && (
                    <button
                      type="button"
                      class="button small quiet icon-only"
                      aria-label={t('channels.remove', { name })}
                      onClick={() => void act(() => remove(`/channels/${part(name)}`)).then(asked.again)}
                    >
                      <Icon name="trash" />
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {adding && (
        <AddChannel
          onClose={() => setAdding(false)}
          onAdded={(name) => {
            setAdding(false)
            notify('ok', t('channels.added', { name }))
            asked.again()
          }}
        />
      )}
    </section>
  )
}

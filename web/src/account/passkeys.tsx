/** Signing in with a finger, a face or a key. */
import type { Passkey } from '../../../server/accounts/passkey.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post, remove } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { When } from '../parts/time.tsx'
import { makePasskey, passkeysWork } from '../session/passkey.ts'
import { deviceText } from './device.ts'

export function Passkeys({ onChanged }: { onChanged(): void }) {
  const passkeys = useAsk(async () => (await get<{ passkeys: Passkey[] }>('/account/passkeys')).passkeys, [])
  const { busy, trouble, act } = useAct()
  const add = () =>
    act(async () => {
      const { options } = await post<{ options: { challenge: string } }>('/account/passkeys/options')
      const response = await makePasskey(options)
      if (response === undefined) return
      await post('/account/passkeys', { name: deviceText(navigator.userAgent), response })
      passkeys.again()
      onChanged()
    })
  return (
    <section class="stack" aria-labelledby="passkeys">
      <h2 id="passkeys">{t('account.passkeys')}</h2>
      <p class="faint">{t('account.passkeys.what')}</p>
      {trouble && <TroubleNote trouble={trouble} />}
      <Loaded asked={passkeys} lines={1}>
        {(all) => (
          <ul class="list">
            {all.map((passkey) => (
              <li>
                <Icon name="key" />
                <div class="grow">
                  <div>{passkey.name}</div>
                  <div class="small faint">
                    <When at={passkey.createdAt} />
                  </div>
                </div>
                <button
                  type="button"
                  class="button small quiet"
                  aria-label={t('account.passkeys.remove', { name: passkey.name })}
                  onClick={() =>
                    void act(() => remove(`/account/passkeys/${part(passkey.id)}`)).then(passkeys.again)
                  }
                >
                  <Icon name="trash" />
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <div>
        {passkeysWork() ? (
          <button type="button" class="button" disabled={busy} onClick={() => void add()}>
            <Icon name="plus" />
            {t('account.passkeys.add')}
          </button>
        ) : (
          <Note tone="notice">
            <span>{t('account.passkeys.none')}</span>
          </Note>
        )}
      </div>
    </section>
  )
}

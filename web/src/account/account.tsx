/** One's own account: password, authenticator application, passkeys, where one is signed in. */
import { useState } from 'preact/hooks'
import type { Passkey } from '../../../server/accounts/passkey.ts'
import type { Session } from '../../../server/accounts/session.ts'
import type { User } from '../../../server/accounts/user.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post, put, remove } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Loaded } from '../parts/empty.tsx'
import { TextField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { When } from '../parts/time.tsx'
import { makePasskey, passkeysWork } from '../session/passkey.ts'
import { session } from '../session/session.ts'
import { lengthOf } from '../session/setup.tsx'
import { deviceText } from './device.ts'
import { Totp } from './totp.tsx'

export function Page() {
  const account = useAsk(() => get<User>('/account'), [])
  const user = session.value?.user
  return (
    <>
      <div>
        <h1>{t('account.yours')}</h1>
        <p class="faint">
          {user?.name} · {user && t(`role.${user.role}`)}
        </p>
      </div>
      <Loaded asked={account}>
        {(data) => (
          <div class="stack loose">
            <Password />
            <Totp user={data} onChanged={account.again} />
            <Passkeys onChanged={account.again} />
            <Sessions />
          </div>
        )}
      </Loaded>
    </>
  )
}

function Password() {
  const [open, setOpen] = useState(false)
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const change = async () => {
    const done = await act(async () => {
      await put('/account/password', { current, password, ...(code ? { code: code.trim() } : {}) })
      return true
    })
    if (!done) return
    setOpen(false)
    setCurrent('')
    setPassword('')
    setCode(undefined)
    notify('ok', t('account.password.done'))
  }
  return (
    <section class="stack" aria-labelledby="password">
      <h2 id="password">{t('signIn.password')}</h2>
      {open ? (
        <form
          class="stack"
          style={{ maxWidth: '420px' }}
          onSubmit={(event) => {
            event.preventDefault()
            void change()
          }}
        >
          <TextField
            label={t('account.password.current')}
            type="password"
            autocomplete="current-password"
            value={current}
            onInput={setCurrent}
            autofocus
          />
          <TextField
            label={t('account.password.new')}
            help={t('setup.password.help', { n: 12 })}
            type="password"
            autocomplete="new-password"
            value={password}
            onInput={setPassword}
          />
          {(code !== undefined || trouble?.code === 'auth.code') && (
            <TextField
              label={t('signIn.code')}
              help={t('signIn.code.help')}
              autocomplete="one-time-code"
              value={code ?? ''}
              onInput={setCode}
              mono
            />
          )}
          {trouble && <TroubleNote trouble={trouble} />}
          <div class="row">
            <button
              type="submit"
              class="button main"
              disabled={busy || current === '' || lengthOf(password) < 12}
            >
              {t('account.password.do')}
            </button>
            <button type="button" class="button" onClick={() => setOpen(false)}>
              {t('cancel')}
            </button>
          </div>
        </form>
      ) : (
        <div>
          <button type="button" class="button" onClick={() => setOpen(true)}>
            {t('account.password.do')}
          </button>
        </div>
      )}
    </section>
  )
}

function Passkeys({ onChanged }: { onChanged(): void }) {
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

function Sessions() {
  const sessions = useAsk(async () => (await get<{ sessions: Session[] }>('/account/sessions')).sessions, [])
  const { trouble, act } = useAct()
  return (
    <section class="stack" aria-labelledby="sessions">
      <h2 id="sessions">{t('account.sessions')}</h2>
      {trouble && <TroubleNote trouble={trouble} />}
      <Loaded asked={sessions}>
        {(all) => (
          <>
            <ul class="list">
              {all.map((one) => (
                <li>
                  <div class="grow">
                    <div>
                      {deviceText(one.device)}{' '}
                      {one.current && <span class="tag">{t('account.sessions.this')}</span>}
                    </div>
                    <div class="small faint">
                      {one.address} · {t('account.sessions.used')} <When at={one.lastUsed} />
                    </div>
                  </div>
                  {!one.current && (
                    <button
                      type="button"
                      class="button small"
                      onClick={() =>
                        void act(() => remove(`/account/sessions/${part(one.id)}`)).then(sessions.again)
                      }
                    >
                      {t('account.sessions.end')}
                    </button>
                  )}
                </li>
              ))}
            </ul>
            {all.length > 1 && (
              <div>
                <button
                  type="button"
                  class="button"
                  onClick={() => void act(() => remove('/account/sessions')).then(sessions.again)}
                >
                  {t('account.sessions.endAll')}
                </button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

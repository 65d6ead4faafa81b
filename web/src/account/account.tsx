/** One's own account: password, authenticator application, passkeys, where one is signed in. */
import { useState } from 'preact/hooks'
import type { User } from '../../../server/accounts/user.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, put } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Loaded } from '../parts/empty.tsx'
import { TextField } from '../parts/field.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { session } from '../session/session.ts'
import { lengthOf } from '../session/setup.tsx'
import { Passkeys } from './passkeys.tsx'
import { Sessions } from './sessions.tsx'
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

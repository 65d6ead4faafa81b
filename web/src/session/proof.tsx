/** Password and code, or a passkey: the fields that signing in and confirming share. */
import { useState } from 'preact/hooks'
import type { SessionView } from '../../../server/accounts/session.ts'
import { post } from '../api/client.ts'
import { useAct } from '../api/ask.ts'
import { ApiError } from '../api/problem.ts'
import { t } from '../i18n/i18n.ts'
import { TextField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { passkeysWork, usePasskey } from './passkey.ts'

interface ProofProps {
  /** Where the proof is sent; a name is asked for only when signing in. */
  path: '/session' | '/session/confirm'
  button: string
  onDone(view: SessionView): void
}

export function Proof({ path, button, onDone }: ProofProps) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string | undefined>(undefined)
  const { busy, trouble, act, clear } = useAct()
  const signingIn = path === '/session'
  const submit = async () => {
    const view = await act(async () => {
      try {
        return await post<SessionView>(path, {
          ...(signingIn ? { name } : {}),
          password,
          ...(code ? { code: code.trim() } : {}),
        })
      } catch (error) {
        if (!(error instanceof ApiError) || error.trouble.code !== 'auth.code' || code) throw error
        setCode('')
        return undefined
      }
    })
    if (view) onDone(view)
  }
  const byPasskey = async () => {
    const view = await act(async () => {
      const { options } = await post<{ options: { challenge: string } }>('/session/passkey/options')
      const response = await usePasskey(options)
      if (response === undefined) return undefined
      return post<SessionView>(signingIn ? '/session/passkey' : path, { response })
    })
    if (view) onDone(view)
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {trouble && <TroubleNote trouble={trouble} />}
      {code === undefined ? (
        <>
          {signingIn && (
            <TextField
              label={t('signIn.name')}
              value={name}
              onInput={setName}
              name="username"
              autocomplete="username webauthn"
              autofocus
            />
          )}
          <TextField
            label={t('signIn.password')}
            type="password"
            value={password}
            onInput={setPassword}
            name="password"
            autocomplete="current-password"
            autofocus={!signingIn}
          />
        </>
      ) : (
        <TextField
          label={t('signIn.code')}
          help={t('signIn.code.help')}
          value={code}
          onInput={setCode}
          autocomplete="one-time-code"
          mono
          autofocus
        />
      )}
      <div class="stack tight">
        <button class="button main" type="submit" disabled={busy}>
          {button}
        </button>
        {code !== undefined && (
          <button
            class="button quiet"
            type="button"
            onClick={() => {
              setCode(undefined)
              clear()
            }}
          >
            {t('back')}
          </button>
        )}
        {code === undefined && passkeysWork() && (
          <button class="button" type="button" disabled={busy} onClick={() => void byPasskey()}>
            <Icon name="key" />
            {t('signIn.passkey')}
          </button>
        )}
      </div>
    </form>
  )
}

/** A one-time link: the first administrator, an invitation, a new password. The secret stands behind `#` and leaves the address bar at once. */
import { useEffect, useState } from 'preact/hooks'
import type { SessionView } from '../../../server/accounts/session.ts'
import { post } from '../api/client.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { t, time } from '../i18n/i18n.ts'
import { TextField } from '../parts/field.tsx'
import { Loaded } from '../parts/empty.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { go, hash, Link } from '../router/router.tsx'
import { Gate } from './gate.tsx'
import { signedIn } from './session.ts'

interface LinkFacts {
  purpose: 'administrator' | 'invitation' | 'reset'
  name?: string
  expires: string
}

export function Page() {
  const [link] = useState(hash.value)
  useEffect(() => history.replaceState(null, '', '/setup'), [])
  const facts = useAsk(() => post<LinkFacts>('/setup/check', { link }), [link])
  return (
    <Gate title={facts.data ? t(`setup.${facts.data.purpose}`) : t('setup')}>
      <Loaded asked={facts}>{(data) => <Choose facts={data} link={link} />}</Loaded>
      {facts.trouble && (
        <Link to="/signin" class="button">
          {t('signIn')}
        </Link>
      )}
    </Gate>
  )
}

const SHORTEST = 12
/** As the daemon counts: characters, not halves of them. */
export const lengthOf = (text: string): number => Array.from(text).length

function Choose({ facts, link }: { facts: LinkFacts; link: string }) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [shown, setShown] = useState(false)
  const [left, setLeft] = useState(false)
  const { busy, trouble, act } = useAct()
  const length = lengthOf(password)
  const short =
    left && length > 0 && length < SHORTEST ? t('password.short', { n: SHORTEST - length }) : undefined
  const submit = async () => {
    const view = await act(() =>
      post<SessionView>('/setup', {
        link,
        password,
        ...(facts.name === undefined ? { name: name.trim().toLowerCase() } : {}),
      }),
    )
    if (!view) return
    signedIn(view)
    go('/', { replace: true })
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <p class="faint">
        {facts.purpose === 'administrator'
          ? t('setup.administrator.what')
          : t('setup.welcome', { name: facts.name ?? '' })}
      </p>
      {trouble && <TroubleNote trouble={trouble} />}
      {facts.name === undefined ? (
        <TextField
          label={t('signIn.name')}
          help={t('setup.name.help')}
          value={name}
          onInput={setName}
          name="username"
          autocomplete="username"
          autofocus
        />
      ) : (
        <input type="text" name="username" autoComplete="username" value={facts.name} hidden readOnly />
      )}
      <TextField
        label={t('setup.password')}
        help={t('setup.password.help', { n: SHORTEST })}
        wrong={short}
        type={shown ? 'text' : 'password'}
        value={password}
        onInput={setPassword}
        onBlur={() => setLeft(true)}
        name="password"
        autocomplete="new-password"
        autofocus={facts.name !== undefined}
        after={
          <button type="button" class="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? t('hide') : t('show')}
          </button>
        }
      />
      <button class="button main" type="submit" disabled={busy || length < SHORTEST}>
        {facts.purpose === 'administrator' ? t('setup.administrator.do') : t('setup.password.do')}
      </button>
      <p class="small faint">{t('setup.until', { time: time(facts.expires) })}</p>
    </form>
  )
}

/** The way into a new minion: its address, and the first password, shown once. */
import { useState } from 'preact/hooks'
import { get, part } from '../api/client.ts'
import { useAsk } from '../api/ask.ts'
import { minions } from '../api/live.ts'
import { own, t } from '../i18n/i18n.ts'
import { Copy } from '../parts/copy.tsx'
import { Icon } from '../parts/icon.tsx'
import { Rich } from '../parts/rich.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'

interface MinionSecrets {
  admin?: { user: string; password: string; url: string }
}

export function FirstSteps({ name, notes }: { name: string; notes: { en: string; fr: string } | undefined }) {
  const minion = minions.value?.find((one) => one.name === name)
  const canSee = may('administrator')
  const secrets = useAsk(canSee ? () => get<MinionSecrets>(`/minions/${part(name)}/secrets`) : undefined, [
    name,
  ])
  const admin = secrets.data?.admin
  const url = minion?.url
  return (
    <section class="first stack">
      <div class="row wide">
        {url && (
          <a class="button main" href={admin?.url ?? url} target="_blank" rel="noreferrer">
            <Icon name="external" />
            {t('summon.open')}
          </a>
        )}
        <Link class="button" to={`/minions/${name}`}>
          {t('summon.look', { name })}
        </Link>
      </div>
      {secrets.trouble && <TroubleNote trouble={secrets.trouble} again={secrets.again} />}
      {admin && <FirstPassword user={admin.user} password={admin.password} />}
      {!canSee && <p class="small">{t('summon.password.ask', { name })}</p>}
      {notes && (
        <p class="small">
          <Rich
            text={own(notes)
              .replaceAll('${URL}', url ?? '')
              .replaceAll('${MINION}', name)
              .trim()}
          />
        </p>
      )}
    </section>
  )
}

/** Behind one click, so that nobody reads it over a shoulder. */
export function FirstPassword({ user, password }: { user: string; password: string }) {
  const [shown, setShown] = useState(false)
  return (
    <dl class="facts">
      <dt>{t('summon.user')}</dt>
      <dd class="row">
        <code>{user}</code>
        <Copy text={user} />
      </dd>
      <dt>{t('summon.password')}</dt>
      <dd class="row">
        <code>{shown ? password : '••••••••••••'}</code>
        <button type="button" class="button small" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? t('hide') : t('show')}
        </button>
        <Copy text={password} />
      </dd>
    </dl>
  )
}

import { t } from '../i18n/i18n.ts'
import { Note } from '../parts/note.tsx'
import { Code } from '../parts/copy.tsx'
import { localPath } from '../router/match.ts'
import { go, path, query } from '../router/router.tsx'
import { Gate } from './gate.tsx'
import { Proof } from './proof.tsx'
import { session, signedIn } from './session.ts'

export function Page() {
  if (session.value?.state === 'setup') return <NobodyYet />
  return (
    <Gate title={t('signIn')}>
      <Proof
        path="/session"
        button={t('signIn')}
        onDone={(view) => {
          signedIn(view)
          if (path.value === '/signin' || path.value === '/setup')
            go(localPath(query.value.get('to')), { replace: true })
        }}
      />
      <details>
        <summary class="small faint">{t('signIn.forgot')}</summary>
        <div class="stack tight" style={{ marginTop: '8px' }}>
          <p class="small">{t('signIn.forgot.what')}</p>
          <Code text="summoner user reset-link NAME" />
        </div>
      </details>
    </Gate>
  )
}

/** The link that install.sh prints is the only way in. */
function NobodyYet() {
  return (
    <Gate title={t('setup.nobody')}>
      <p>{t('setup.nobody.what')}</p>
      <Note tone="notice">
        <span>{t('setup.nobody.again')}</span>
        <Code text="sudo summoner user setup-link" />
      </Note>
    </Gate>
  )
}

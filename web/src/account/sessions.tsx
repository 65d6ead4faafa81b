/** Where one is signed in, and ending that. */
import type { Session } from '../../../server/accounts/session.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, remove } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Loaded } from '../parts/empty.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { When } from '../parts/time.tsx'
import { deviceText } from './device.ts'

export function Sessions() {
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

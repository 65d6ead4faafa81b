import type { Doctor as Found } from '../../../server/system/doctor.ts'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { t, tMaybe } from '../i18n/i18n.ts'
import { said } from '../i18n/server-words.ts'
import { ByHand } from '../parts/copy.tsx'
import { Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note } from '../parts/note.tsx'
import { Rich } from '../parts/rich.tsx'
import { CheckBadge } from '../parts/status.tsx'

const RANK = { fail: 0, warn: 1, ok: 2, skip: 3 }

export function Doctor() {
  const doctor = useAsk(() => get<Found>('/doctor'), [])
  return (
    <div class="stack">
      <div class="spread">
        <p class="faint">{t('doctor.what')}</p>
        <button type="button" class="button" onClick={doctor.again}>
          <Icon name="restart" />
          {t('doctor.again')}
        </button>
      </div>
      <Loaded asked={doctor} lines={8} height={28}>
        {({ checks }) => {
          const wrong = checks.filter(({ state }) => state === 'fail' || state === 'warn').length
          return (
            <>
              <Note tone={wrong === 0 ? 'ok' : 'warn'}>
                <span>{wrong === 0 ? t('doctor.fine') : t('doctor.wrong', { n: wrong })}</span>
              </Note>
              <ul class="list">
                {checks
                  .toSorted((a, b) => RANK[a.state] - RANK[b.state])
                  .map((check) => (
                    <li>
                      <div style={{ width: '8.500em', flex: 'none' }}>
                        <CheckBadge state={check.state} />
                      </div>
                      <div class="grow">
                        <h2 class="check-name">{tMaybe(`doctor.${check.id}`) ?? check.title}</h2>
                        <p class="small">
                          <Rich text={said(check.detail)} />
                        </p>
                        {check.hint && (
                          <ul class="small faint">
                            {check.hint.split('\n').map((line) => (
                              <li>
                                <Rich text={said(line)} />
                              </li>
                            ))}
                          </ul>
                        )}
                      </div>
                    </li>
                  ))}
              </ul>
            </>
          )
        }}
      </Loaded>
      <ByHand command="summoner doctor" />
    </div>
  )
}

/** config.yml: what waits to be applied, and the file itself with an editor. */
import { useState } from 'preact/hooks'
import type { Change, Plan as PlanFound } from '../../../server/minions/plan.ts'
import type { Job } from '../../../server/jobs/job.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, post } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { said } from '../i18n/server-words.ts'
import { ByHand } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Rich } from '../parts/rich.tsx'
import { may } from '../session/session.ts'
import { Editor } from './editor.tsx'

export function Plan() {
  const plan = useAsk(() => get<PlanFound>('/config/plan'), [], { live: true })
  return (
    <div class="stack loose">
      <section class="stack" aria-labelledby="plan">
        <h2 id="plan">{t('plan')}</h2>
        <Loaded asked={plan}>{(data) => <Waiting plan={data} again={plan.again} />}</Loaded>
      </section>
      {may('operator') && (
        <section class="stack" aria-labelledby="file">
          <h2 id="file">config.yml</h2>
          <p class="faint">{t('config.what')}</p>
          <Editor onSaved={plan.again} />
        </section>
      )}
    </div>
  )
}

const TONE = { '+': 'ok', '~': 'notice', '-': 'bad' } as const

function Waiting({ plan, again }: { plan: PlanFound; again(): void }) {
  const [asking, setAsking] = useState(false)
  const { busy, trouble, act } = useAct()
  const asks = plan.changes.filter((change) => change.asks)
  const apply = (yes: boolean) =>
    act(async () => {
      const { jobs } = await post<{ jobs: Job[] }>('/config/apply', { yes })
      setAsking(false)
      notify('notice', jobs.length > 0 ? t('plan.begun', { n: jobs.length }) : t('plan.hosts.begun'))
      again()
    })
  return (
    <>
      {plan.warnings.map((warning) => (
        <Note tone="warn">
          <span>
            <Rich text={said(warning)} />
          </span>
        </Note>
      ))}
      {plan.changes.length === 0 ? (
        <>
          <Note
            tone="ok"
            action={
              may('operator') && (
                <button type="button" class="button small" disabled={busy} onClick={() => void apply(false)}>
                  {t('plan.hosts')}
                </button>
              )
            }
          >
            <span>{t('plan.none', { n: plan.unchanged })}</span>
            {may('operator') && <span class="small faint">{t('plan.hosts.what')}</span>}
          </Note>
          {trouble && <TroubleNote trouble={trouble} />}
        </>
      ) : (
        <>
          <ul class="list card" style={{ paddingBlock: '4px' }}>
            {plan.changes.map((change) => (
              <li class="change">
                <span class={`sign tone-${TONE[change.action]}`} aria-hidden="true">
                  {change.action === '-' ? '−' : change.action}
                </span>
                <div>
                  <span class="strong">{t(`plan.${WORD[change.action]}`, { name: change.minion })}</span>
                  <ul class="small faint">
                    {change.reasons.map((reason) => (
                      <li>{said(reason)}</li>
                    ))}
                  </ul>
                </div>
              </li>
            ))}
          </ul>
          {trouble && <TroubleNote trouble={trouble} />}
          {may('operator') && (
            <div class="row">
              <button
                type="button"
                class="button main"
                disabled={busy}
                onClick={() => (asks.length > 0 ? setAsking(true) : void apply(false))}
              >
                <Icon name="play" />
                {t('plan.apply', { n: plan.changes.length })}
              </button>
              {plan.unchanged > 0 && (
                <span class="faint small">{t('plan.unchanged', { n: plan.unchanged })}</span>
              )}
            </div>
          )}
        </>
      )}
      <ByHand command={'summoner plan\nsummoner apply'} />
      {asking && (
        <Asks changes={asks} busy={busy} onClose={() => setAsking(false)} onYes={() => void apply(true)} />
      )}
    </>
  )
}

const WORD = { '+': 'add', '~': 'change', '-': 'remove' } as const

interface AsksProps {
  changes: readonly Change[]
  busy: boolean
  onClose(): void
  onYes(): void
}
function Asks({ changes, busy, onClose, onYes }: AsksProps) {
  return (
    <Dialog title={t('plan.asks')} onClose={onClose}>
      <ul class="list">
        {changes.map(({ minion, action, reasons }) => (
          <li>
            <div>
              <span class="strong">{t(`plan.${WORD[action]}`, { name: minion })}</span>
              <div class="small faint">{reasons.map(said).join(', ')}</div>
            </div>
          </li>
        ))}
      </ul>
      <p>{t('plan.asks.what')}</p>
      <div class="row">
        <button type="button" class="button grave" disabled={busy} onClick={onYes}>
          {t('plan.asks.do')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </Dialog>
  )
}

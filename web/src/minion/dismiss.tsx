/** Dismiss: the consequence in words; the name is typed only when data goes. */
import { useState } from 'preact/hooks'
import type { Job } from '../../../server/jobs/job.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import { useAct } from '../api/ask.ts'
import { part, remove } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { CheckField, TextField } from '../parts/field.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Rich } from '../parts/rich.tsx'

export function Dismiss({ minion, onClose }: { minion: Minion; onClose(): void }) {
  const { name, url } = minion
  const [purge, setPurge] = useState(false)
  const [typed, setTyped] = useState('')
  const { busy, trouble, act } = useAct()
  const dismiss = async () => {
    const answer = await act(() =>
      remove<{ job: Job }>(`/minions/${part(name)}${purge ? '?purge=true' : ''}`),
    )
    if (!answer) return
    notify('notice', t('dismiss.begun', { name }))
    onClose()
  }
  return (
    <Dialog title={t('dismiss.title', { name })} onClose={onClose}>
      <p>
        <Rich
          text={url ? t('dismiss.what', { host: url.replace(/^https?:\/\//, '') }) : t('dismiss.what.plain')}
        />
      </p>
      {!purge && (
        <p>
          <Rich text={t('dismiss.stays', { name })} />
        </p>
      )}
      <CheckField label={t('dismiss.purge')} checked={purge} onChange={setPurge} />
      {purge && (
        <>
          <Note tone="bad">
            <span>
              <Rich text={t('dismiss.purge.what')} />
            </span>
          </Note>
          <TextField label={t('dismiss.type', { name })} value={typed} onInput={setTyped} mono />
        </>
      )}
      {trouble && <TroubleNote trouble={trouble} />}
      <ByHand command={`summoner remove ${name}${purge ? ' --purge' : ''}`} />
      <div class="row">
        <button
          type="button"
          class="button grave"
          disabled={busy || (purge && typed !== name)}
          onClick={() => void dismiss()}
        >
          {purge ? t('dismiss.purge.do') : t('dismiss.do')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </Dialog>
  )
}

/** The paper that brings the box back on another server: shown when asked for, gone when closed, made to be printed. */
import { useState } from 'preact/hooks'
import { useAct } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Copy } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'

export function RecoverySheet() {
  const [sheet, setSheet] = useState<string | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const show = () => act(async () => setSheet((await get<{ sheet: string }>('/recovery-sheet')).sheet))
  return (
    <section class="stack tight" aria-labelledby="sheet">
      <div class="spread">
        <div class="grow">
          <h2 id="sheet">{t('sheet')}</h2>
          <p class="small faint">{t('sheet.what')}</p>
        </div>
        <button type="button" class="button" disabled={busy} onClick={() => void show()}>
          <Icon name="key" />
          {t('sheet.show')}
        </button>
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      {sheet !== undefined && (
        <Dialog title={t('sheet')} onClose={() => setSheet(undefined)} class="wide paper">
          <Note tone="warn">
            <span>{t('sheet.keep')}</span>
          </Note>
          <pre class="log" tabIndex={0} role="region" aria-label={t('sheet')}>
            {sheet}
          </pre>
          <div class="row">
            <button type="button" class="button main" onClick={() => window.print()}>
              {t('sheet.print')}
            </button>
            <Copy text={sheet} label={t('copy')} />
            <button type="button" class="button" onClick={() => setSheet(undefined)}>
              {t('close')}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  )
}

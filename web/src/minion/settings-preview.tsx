/** A change of settings as the lines of config.yml, before it is written. */
import type { Minion } from '../../../server/minions/minion.ts'
import { useAct } from '../api/ask.ts'
import { t } from '../i18n/i18n.ts'
import { Copy } from '../parts/copy.tsx'
import { DiffView } from '../parts/diff-view.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TroubleNote } from '../parts/note.tsx'

interface PreviewProps {
  minion: Minion
  preview: { before: string; after: string }
  onClose(): void
  onApply(): Promise<void>
}
export function Preview({ minion, preview, onClose, onApply }: PreviewProps) {
  const { busy, trouble, act } = useAct()
  return (
    <Dialog title={t('settings.diff', { name: minion.name })} onClose={onClose} class="wide">
      <DiffView
        before={preview.before}
        after={preview.after}
        label={t('settings.diff', { name: minion.name })}
      />
      <p class="faint">{t('settings.diff.what', { name: minion.name })}</p>
      {trouble && <TroubleNote trouble={trouble} />}
      <div class="row">
        <button type="button" class="button main" disabled={busy} onClick={() => void act(onApply)}>
          {t('settings.apply')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
        <Copy text={preview.after} label={t('settings.copy')} />
      </div>
    </Dialog>
  )
}

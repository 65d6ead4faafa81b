import type { Minion } from '../../../server/minions/minion.ts'
import { t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { power } from './power.ts'

export function StopDialog({ minion: { name, url }, onClose }: { minion: Minion; onClose(): void }) {
  const stop = () => {
    onClose()
    void power(name, 'stop')
  }
  return (
    <Dialog title={t('stop.title', { name })} onClose={onClose}>
      <p>{url ? t('stop.what', { host: url.replace(/^https?:\/\//, '') }) : t('stop.what.plain')}</p>
      <p class="faint">{t('stop.data')}</p>
      <ByHand command={`summoner stop ${name}`} />
      <div class="row">
        <button type="button" class="button main" onClick={stop}>
          {t('power.stop')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </Dialog>
  )
}

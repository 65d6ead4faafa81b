/** Powerful changes ask for the password once more; the change then goes on as if nothing had been asked. */
import { signal } from '@preact/signals'
import { whenConfirming } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Proof } from './proof.tsx'
import { session } from './session.ts'

const asking = signal<((confirmed: boolean) => void) | undefined>(undefined)

whenConfirming(
  () =>
    new Promise((resolve) => {
      asking.value?.(false)
      asking.value = resolve
    }),
)

export function ConfirmDialog() {
  const answer = asking.value
  if (!answer) return null
  const end = (confirmed: boolean) => {
    asking.value = undefined
    answer(confirmed)
  }
  return (
    <Dialog title={t('confirm')} onClose={() => end(false)}>
      <p class="faint">{t('confirm.what')}</p>
      <Proof
        path="/session/confirm"
        button={t('confirm.do')}
        onDone={(view) => {
          session.value = view
          end(true)
        }}
      />
      <button type="button" class="button quiet" onClick={() => end(false)}>
        {t('cancel')}
      </button>
    </Dialog>
  )
}

/** A dialog that makes one thing: its fields, why it was refused, and the button that does it. */
import type { ComponentChildren } from 'preact'
import { useAct } from '../api/ask.ts'
import { t } from '../i18n/i18n.ts'
import { Dialog } from './dialog.tsx'
import { TroubleNote } from './note.tsx'

interface FormDialogProps {
  title: string
  /** The word on its button. */
  does: string
  ready: boolean
  /** What it rejects with is shown, and the dialog stays. */
  work(): Promise<void>
  onClose(): void
  /** Between the fields and the buttons. */
  below?: ComponentChildren
  children: ComponentChildren
}
export function FormDialog({ title, does, ready, work, onClose, below, children }: FormDialogProps) {
  const { busy, trouble, act } = useAct()
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) void act(work)
        }}
      >
        {children}
        {trouble && <TroubleNote trouble={trouble} />}
        {below}
        <div class="row">
          <button type="submit" class="button main" disabled={busy || !ready}>
            {does}
          </button>
          <button type="button" class="button" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

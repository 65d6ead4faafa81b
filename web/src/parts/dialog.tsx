import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface DialogProps {
  title: string
  onClose(): void
  children: ComponentChildren
  class?: string
  /** The title is said, not shown. */
  quiet?: boolean
}

/** The browser's own dialog: it keeps the keyboard inside, and Escape closes it. */
export function Dialog({ title, onClose, children, class: more = '', quiet = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      class={`box ${more}`}
      aria-labelledby={id}
      onClose={onClose}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onMouseDown={(event) => event.target === event.currentTarget && onClose()}
    >
      <div class="stack">
        <h2 id={id} class={quiet ? 'hidden-text' : ''}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  )
}

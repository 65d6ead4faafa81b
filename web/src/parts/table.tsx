/** A table. Where there is no room for its columns, each row stands as a list of facts under the words of the columns. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/i18n.ts'

interface TableProps {
  label: string
  columns: readonly string[]
  /** A last column of buttons, whose title is heard only. */
  actions?: boolean
  class?: string
  /** Its rows. */
  children: ComponentChildren
}

export function Table({ label, columns, actions = false, class: more, children }: TableProps) {
  const body = useRef<HTMLTableSectionElement>(null)
  useLayoutEffect(() => {
    for (const row of body.current?.rows ?? [])
      for (const [index, cell] of [...row.cells].entries()) cell.dataset['label'] = columns[index] ?? ''
  })
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      <table class={more}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col">{column}</th>
            ))}
            {actions && (
              <th scope="col">
                <span class="hidden-text">{t('actions')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody ref={body}>{children}</tbody>
      </table>
    </div>
  )
}

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

interface ScrollProps {
  label: string
  children: ComponentChildren
}

/** A table. Where there is no room for its columns, each row stands as a list of facts under the words of the columns. */
export function Scroll({ label, children }: ScrollProps) {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    for (const table of box.current?.querySelectorAll('table') ?? []) {
      const words = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) =>
        cell.querySelector('.hidden-text') ? '' : (cell.textContent ?? ''),
      )
      for (const body of table.tBodies)
        for (const row of body.rows)
          for (const [index, cell] of [...row.cells].entries()) cell.dataset['label'] = words[index] ?? ''
    }
  })
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label} ref={box}>
      {children}
    </div>
  )
}

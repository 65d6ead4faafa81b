import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { go } from '../router/router.tsx'
import { Icon, type IconName } from './icon.tsx'

export interface MenuItem {
  label: string
  icon?: IconName
  to?: string
  /** Leaves this page. */
  href?: string
  grave?: boolean
  checked?: boolean
  run?(): void
}

interface MenuProps {
  label: string
  items: readonly MenuItem[]
  children: ComponentChildren
  class?: string
  above?: boolean
}

/** A button with a menu: arrows, Home, End, first letters and Escape work as everywhere. */
export function Menu({
  label,
  items,
  children,
  class: more = 'button quiet small icon-only',
  above = false,
}: MenuProps) {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!open) return
    list.current?.querySelector<HTMLElement>('[role^=menuitem]')?.focus()
    const outside = (event: Event) => !root.current?.contains(event.target as Node) && setOpen(false)
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
    }
  }, [open])
  const close = () => {
    setOpen(false)
    root.current?.querySelector('button')?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]
    const at = all.indexOf(document.activeElement as HTMLElement)
    const next =
      event.key === 'ArrowDown'
        ? at + 1
        : event.key === 'ArrowUp'
          ? at - 1 + all.length
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? all.length - 1
              : undefined
    if (event.key === 'Escape') close()
    else if (next !== undefined) all[next % all.length]?.focus()
    else if (event.key.length === 1)
      all.find((item) => item.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus()
    else return
    event.preventDefault()
  }
  const choose = (item: MenuItem) => {
    close()
    if (item.to) go(item.to)
    item.run?.()
  }
  return (
    <div class="menu" ref={root}>
      <button
        type="button"
        class={more}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <div role="menu" aria-label={label} class={above ? 'above' : ''} ref={list} onKeyDown={onKeyDown}>
          {items.map((item) => {
            const inside = (
              <>
                {item.icon && <Icon name={item.icon} />}
                {item.label}
                {item.checked && <Icon name="check" />}
              </>
            )
            const role = item.checked === undefined ? 'menuitem' : 'menuitemradio'
            if (item.href)
              return (
                <a
                  role={role}
                  href={item.href}
                  target="_blank"
                  rel="noreferrer"
                  tabIndex={-1}
                  onClick={close}
                >
                  {inside}
                </a>
              )
            return (
              <button
                type="button"
                role={role}
                aria-checked={item.checked}
                tabIndex={-1}
                class={item.grave ? 'grave' : ''}
                onClick={() => choose(item)}
              >
                {inside}
              </button>
            )
          })}
        </div>
      )}
    </div>
  )
}

/** Where the page is. One signal; links change it, the browser's own buttons too. */
import { computed, signal } from '@preact/signals'
import type { AnchorHTMLAttributes, ComponentChildren } from 'preact'
import { matchPath } from './match.ts'

const location = signal(read())

function read(): { path: string; query: string; hash: string } {
  const { pathname, search, hash } = window.location
  return { path: pathname, query: search, hash }
}

export const path = computed(() => location.value.path)
export const query = computed(() => new URLSearchParams(location.value.query))
export const hash = computed(() => location.value.hash.slice(1))

window.addEventListener('popstate', () => {
  location.value = read()
})

export function go(to: string, { replace = false } = {}): void {
  const before = path.value
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  location.value = read()
  if (path.value !== before) {
    window.scrollTo(0, 0)
    // keyboards and screen readers go on from the new page, not from a link that is gone
    requestAnimationFrame(() => document.getElementById('page')?.focus({ preventScroll: true }))
  }
}

/** Changes one value of the query, without a new entry in the history. */
export function setQuery(name: string, value: string | undefined): void {
  const next = new URLSearchParams(location.value.query)
  if (value) next.set(name, value)
  else next.delete(name)
  const text = next.toString()
  go(`${location.value.path}${text ? `?${text}` : ''}`, { replace: true })
}

type LinkProps = Pick<AnchorHTMLAttributes, 'aria-current'> & {
  to: string
  /** Marks the page that is open; `within` also for what lies below. */
  current?: 'exact' | 'within'
  children?: ComponentChildren
  class?: string
}

export function Link({ to, current, children, ...rest }: LinkProps) {
  const here =
    current === 'exact'
      ? path.value === to
      : current === 'within' && (path.value === to || path.value.startsWith(`${to}/`))
  return (
    <a
      {...rest}
      href={to}
      aria-current={here ? 'page' : rest['aria-current']}
      onClick={(event) => follow(event, to)}
    >
      {children}
    </a>
  )
}

function follow(event: MouseEvent, to: string): void {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  go(to)
}

export { matchPath }

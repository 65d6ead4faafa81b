import { useEffect, useRef } from 'preact/hooks'
import { Link, path } from '../router/router.tsx'

/** Pages of one thing: links, so that each has an address and the keyboard needs nothing new. */
export function Tabs({
  label,
  tabs,
}: {
  label: string
  tabs: readonly { to: string; label: string; count?: number }[]
}) {
  const row = useRef<HTMLElement>(null)
  const here = path.value
  useEffect(() => {
    const [current] = row.current?.querySelectorAll<HTMLElement>('[aria-current]') ?? []
    // never the page itself, only the row of tabs
    if (row.current && current)
      row.current.scrollLeft = current.offsetLeft - (row.current.clientWidth - current.offsetWidth) / 2
  }, [here])
  return (
    <nav class="tabs" aria-label={label} ref={row}>
      {tabs.map((tab) => (
        <Link to={tab.to} current="exact">
          {tab.label}
          {tab.count ? <span class="faint"> {tab.count}</span> : null}
        </Link>
      ))}
    </nav>
  )
}

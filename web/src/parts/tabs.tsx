import { Link } from '../router/router.tsx'

/** Pages of one thing: links, so that each has an address and the keyboard needs nothing new. */
export function Tabs({
  label,
  tabs,
}: {
  label: string
  tabs: readonly { to: string; label: string; count?: number }[]
}) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link to={tab.to} current="exact">
          {tab.label}
          {tab.count ? <span class="faint"> {tab.count}</span> : null}
        </Link>
      ))}
    </nav>
  )
}

import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { connection } from '../api/live.ts'
import { setLanguage, language, t, type Key } from '../i18n/i18n.ts'
import { LANGUAGES } from '../i18n/words.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { notifyTrouble, Notices } from '../parts/notices.tsx'
import { Shape } from '../parts/shape.tsx'
import { Link, path } from '../router/router.tsx'
import { session, signOut } from '../session/session.ts'
import { setTheme, theme, type Theme } from '../session/theme.ts'
import { openPalette, Palette } from './palette.tsx'

const PLACES: readonly { to: string; key: Key; icon: IconName; also?: string }[] = [
  { to: '/', key: 'nav.home', icon: 'home', also: '/minions' },
  { to: '/catalogue', key: 'nav.catalogue', icon: 'grid' },
  { to: '/backups', key: 'nav.backups', icon: 'archive' },
  { to: '/notifications', key: 'nav.notifications', icon: 'bell' },
  { to: '/box', key: 'nav.box', icon: 'server' },
]

const isHere = (to: string, also: string | undefined, at: string) =>
  at === to || (to !== '/' && at.startsWith(`${to}/`)) || (also !== undefined && at.startsWith(`${also}/`))

export function Frame({ children }: { children: ComponentChildren }) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        (event.target as HTMLElement).closest('input, textarea, select, [contenteditable]') !== null
      const asked =
        (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) ||
        (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey))
      if (!asked) return
      event.preventDefault()
      openPalette()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      <a class="button main skip" href="#page">
        {t('skip')}
      </a>
      <div class="frame">
        <header class="rail">
          <Link to="/" class="brand">
            <img src="/favicon.svg" alt="" width="26" height="26" />
            Summoner
          </Link>
          <button
            type="button"
            class="find"
            onClick={openPalette}
            aria-label={`${t('palette.find')}: ${t('palette.open')}`}
            aria-keyshortcuts="/ Control+K"
          >
            <Icon name="search" />
            <span>{t('palette.find')}</span>
            <kbd>/</kbd>
          </button>
          <nav aria-label={t('nav')}>
            <ul>
              {PLACES.map(({ to, key, icon, also }) => (
                <li>
                  <Link to={to} aria-current={isHere(to, also, path.value) ? 'page' : undefined}>
                    <Icon name={icon} />
                    <span>{t(key)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <div class="foot">
            <Connection />
            <Account />
          </div>
        </header>
        <main class="page" id="page" tabIndex={-1}>
          {children}
        </main>
      </div>
      <Notices />
      <Palette />
    </>
  )
}

function Connection() {
  const state = connection.value
  const tone = state === 'live' ? 'ok' : state === 'lost' ? 'warn' : 'none'
  return (
    <div class={`connection tone-${tone}`} role="status" title={t(`connection.${state}.what`)}>
      <Shape name={state === 'live' ? 'full' : state === 'lost' ? 'triangle' : 'half'} />
      <span class="word">{t(`connection.${state}`)}</span>
    </div>
  )
}

function Account() {
  const name = session.value?.user?.name ?? ''
  const items: MenuItem[] = [
    { label: t('account.yours'), icon: 'user', to: '/account' },
    ...LANGUAGES.map((code) => ({
      label: code === 'fr' ? 'Français' : 'English',
      checked: language() === code,
      run: () => void setLanguage(code),
    })),
    ...(['system', 'light', 'dark'] as const satisfies readonly Theme[]).map((choice) => ({
      label: t(`theme.${choice}`),
      checked: theme.value === choice,
      run: () => setTheme(choice),
    })),
    { label: t('account.signOut'), icon: 'external', run: () => void signOut().catch(notifyTrouble) },
  ]
  return (
    <Menu label={t('account.menu', { name })} items={items} class="button quiet small" above>
      <Icon name="user" />
      <span class="account-name cut">{name}</span>
    </Menu>
  )
}

/** Says so while the daemon is away; what is shown may be old. */
export function LostBanner() {
  const lost = connection.value === 'lost'
  const [long, setLong] = useState(false)
  useEffect(() => {
    setLong(false)
    if (!lost) return
    // a session that was just renewed opens its stream anew at once
    const timer = setTimeout(() => setLong(true), 800)
    return () => clearTimeout(timer)
  }, [lost])
  if (!lost || !long) return null
  return (
    <div class="banner" role="status">
      {t('connection.banner')}
    </div>
  )
}

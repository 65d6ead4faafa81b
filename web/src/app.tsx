/** Which page an address opens. Pages are loaded when they are first opened. */
import type { ComponentType } from 'preact'
import { useEffect, useErrorBoundary, useState } from 'preact/hooks'
import { connection } from './api/live.ts'
import { troubleOf } from './api/problem.ts'
import { Frame, LostBanner } from './frame/frame.tsx'
import { t, type Key } from './i18n/i18n.ts'
import { Empty, Skeleton } from './parts/empty.tsx'
import { TroubleNote } from './parts/note.tsx'
import { Link, matchPath, path } from './router/router.tsx'
import { type Params } from './router/match.ts'
import { ConfirmDialog } from './session/confirm.tsx'
import { session } from './session/session.ts'

type Page = ComponentType<Params>
type Load = () => Promise<{ Page: Page }>

const home: Load = () => import('./home/home.tsx')
const signIn: Load = () => import('./session/sign-in.tsx')
const setup: Load = () => import('./session/setup.tsx')

/** What the browser calls the page: of a place, or of the one thing it shows. */
type Named = Key | ((params: Params) => string | undefined)

const PAGES: readonly [pattern: string, load: Load, named?: Named][] = [
  ['/', home],
  ['/catalogue', () => import('./catalogue/catalogue.tsx'), 'nav.catalogue'],
  ['/catalogue/:template', () => import('./catalogue/summon.tsx'), ({ template }) => template],
  ['/minions/:name/:tab?', () => import('./minion/minion.tsx'), ({ name }) => name],
  ['/backups/:name?/:set?', () => import('./backups/backups.tsx'), 'nav.backups'],
  ['/notifications/:tab?', () => import('./notifications/notifications.tsx'), 'nav.notifications'],
  ['/box/:tab?/:id?', () => import('./box/box.tsx'), 'nav.box'],
  ['/account', () => import('./account/account.tsx'), 'account.yours'],
]

export function App() {
  const state = session.value?.state
  const found = PAGES.map(([pattern, load, named]) => ({
    load,
    named,
    params: matchPath(pattern, path.value),
  })).find(({ params }) => params !== undefined)
  const name = state === 'signed-in' && found ? nameOf(found.named, found.params ?? {}) : undefined
  useEffect(() => {
    document.title = name ? `${name} · Summoner` : 'Summoner'
  }, [name])
  if (state === undefined) return null
  if (path.value === '/setup') return <Loader load={setup} params={{}} />
  if (state !== 'signed-in') return <Loader load={signIn} params={{}} />
  return (
    <>
      <LostBanner />
      <Frame>{found ? <Loader load={found.load} params={found.params ?? {}} /> : <Nowhere />}</Frame>
      <ConfirmDialog />
    </>
  )
}

const nameOf = (named: Named | undefined, params: Params): string | undefined =>
  typeof named === 'function' ? named(params) : named && t(named)

const loaded = new Map<Load, Page>()

function Loader({ load, params }: { load: Load; params: Params }) {
  const [failed, setFailed] = useState<unknown>(undefined)
  const [, setCount] = useState(0)
  const [broken, mend] = useErrorBoundary()
  const Page = loaded.get(load)
  useEffect(() => {
    if (Page) return
    let gone = false
    load().then(
      (module) => {
        loaded.set(load, module.Page)
        if (!gone) setCount((count) => count + 1)
      },
      // an update took the old files away: the page itself must be loaded again
      (error: unknown) => !gone && setFailed(error),
    )
    return () => {
      gone = true
    }
  }, [load])
  const wrong: unknown = broken ?? failed
  if (wrong !== undefined && connection.value !== undefined)
    return (
      <TroubleNote
        trouble={{ ...troubleOf(wrong), title: t('error.page'), hint: t('error.page.hint') }}
        again={() => (broken ? mend() : window.location.reload())}
      />
    )
  return Page ? <Page {...params} /> : <Skeleton lines={6} height={24} />
}

/** Fetched while nothing else is to do, so that the first click is quick. */
export function prefetch(): void {
  for (const [, load] of PAGES.slice(1)) void load().catch(() => undefined)
}

/** Home is needed at once: it is fetched beside the session, not after it. */
export const startPages = () => (path.value === '/' ? home() : undefined)

function Nowhere() {
  return (
    <Empty
      alone
      icon="search"
      title={t('nowhere')}
      action={
        <Link to="/" class="button main">
          {t('nav.home')}
        </Link>
      }
    >
      {t('nowhere.what')}
    </Empty>
  )
}

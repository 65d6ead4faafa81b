/** One minion: its state and verbs on top, one page for each thing below. */
import './minion.css'
import { useState } from 'preact/hooks'
import type { Minion } from '../../../server/minions/minion.ts'
import { useAsk } from '../api/ask.ts'
import { minions } from '../api/live.ts'
import { listTemplates } from '../api/lists.ts'
import { t } from '../i18n/i18n.ts'
import { reasonText } from '../i18n/server-words.ts'
import { Empty, Skeleton } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note } from '../parts/note.tsx'
import { Only } from '../parts/only.tsx'
import { Rich } from '../parts/rich.tsx'
import { StatusBadge } from '../parts/status.tsx'
import { Tabs } from '../parts/tabs.tsx'
import type { Params } from '../router/match.ts'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'
import { JobProgress } from '../jobs/job-progress.tsx'
import { Dismiss } from './dismiss.tsx'
import { MinionBackups } from '../backups/minion-backups.tsx'
import { Hooks } from './hooks.tsx'
import { Events } from './events.tsx'
import { Logs } from './logs.tsx'
import { Overview } from './overview.tsx'
import { power, powersOf, type Power } from './power.ts'
import { iconOf, isServer, kindText, ofTheBox } from './server.ts'
import { Settings } from './settings.tsx'
import { StopDialog } from './stop-dialog.tsx'
import { Terminals } from './terminal.tsx'

export function Page({ name = '', tab = '' }: Params) {
  const all = minions.value
  const minion = all?.find((one) => one.name === name)
  if (all === undefined) return <Skeleton lines={6} height={28} />
  if (minion === undefined)
    return (
      <Empty
        alone
        icon="search"
        title={t('minion.unknown', { name })}
        action={
          <Link class="button main" to="/">
            {t('nav.home')}
          </Link>
        }
      >
        {t('minion.unknown.what')}
      </Empty>
    )
  return <One key={name} minion={minion} tab={tab} />
}

function One({ minion, tab }: { minion: Minion; tab: string }) {
  const { name, status } = minion
  const templates = useAsk(listTemplates, [])
  const category = templates.data?.find((row) => row.name === minion.template)?.category
  const [dismissing, setDismissing] = useState(false)
  const [stopping, setStopping] = useState(false)
  const base = `/minions/${name}`
  const reason = reasonText(minion)
  const act = (verb: Power) => (verb === 'stop' ? setStopping(true) : void power(name, verb))
  return (
    <>
      <div class="spread">
        <div class="row wide grow">
          <span class="mark-icon">
            <Icon name={iconOf(minion, category)} />
          </span>
          <div class="grow">
            <h1>{name}</h1>
            <div class="row">
              <StatusBadge status={status} />
              <span class="faint small">
                {kindText(minion)} {minion.version}
              </span>
              {minion.url && (
                <a class="small" href={minion.url} target="_blank" rel="noreferrer">
                  {minion.url.replace(/^https?:\/\//, '')}
                </a>
              )}
            </div>
          </div>
        </div>
        <div class="row">
          {minion.url && status === 'running' && (
            <a class="button main" href={minion.url} target="_blank" rel="noreferrer">
              <Icon name="external" />
              {t('tile.open')}
            </a>
          )}
          {may('operator') &&
            powersOf(minion).map((verb) => (
              <button
                type="button"
                class={`button ${verb === 'start' ? 'main' : ''}`}
                onClick={() => act(verb)}
              >
                <Icon name={verb === 'start' ? 'play' : verb} />
                {t(`power.${verb}`)}
              </button>
            ))}
          {may('operator') && !ofTheBox(minion) && minion.job === undefined && (
            <button type="button" class="button quiet" onClick={() => setDismissing(true)}>
              <Icon name="trash" />
              {t('dismiss.do')}
            </button>
          )}
        </div>
      </div>
      {reason && (status === 'failed' || status === 'degraded' || status === 'stopped') && (
        <Note tone={status === 'failed' ? 'bad' : status === 'degraded' ? 'warn' : 'notice'}>
          <span>
            <Rich text={reason} />
          </span>
        </Note>
      )}
      {/* the backups show it among themselves */}
      {minion.job && tab !== 'backups' && (
        <section class="card stack" aria-label={t('minion.job')}>
          <h2>{t('minion.job')}</h2>
          <JobProgress id={minion.job} />
        </section>
      )}
      <Tabs
        label={t('minion.tabs', { name })}
        tabs={[
          { to: base, label: t('minion.overview') },
          ...(may('operator') ? [{ to: `${base}/logs`, label: t('minion.logs') }] : []),
          ...(may('operator') && !isServer(minion)
            ? [{ to: `${base}/settings`, label: t('minion.settings') }]
            : []),
          { to: `${base}/backups`, label: t('nav.backups') },
          ...(ofTheBox(minion) ? [] : [{ to: `${base}/hooks`, label: t('hooks') }]),
          { to: `${base}/events`, label: t('minion.events') },
          ...(may('administrator') ? [{ to: `${base}/terminal`, label: t('terminal') }] : []),
        ]}
      />
      {tab === '' && <Overview minion={minion} />}
      {tab === 'backups' && <MinionBackups name={name} />}
      {tab === 'hooks' && <Hooks minion={minion} />}
      {tab === 'logs' && (
        <Only role="operator">
          <Logs minion={minion} />
        </Only>
      )}
      {tab === 'settings' && (
        <Only role="operator">
          <Settings minion={minion} />
        </Only>
      )}
      {tab === 'terminal' && (
        <Only role="administrator">
          <Terminals minion={minion} />
        </Only>
      )}
      {tab === 'events' && <Events name={name} />}
      {dismissing && <Dismiss minion={minion} onClose={() => setDismissing(false)} />}
      {stopping && <StopDialog minion={minion} onClose={() => setStopping(false)} />}
    </>
  )
}

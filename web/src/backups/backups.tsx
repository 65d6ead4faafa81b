/** Everything that was saved: who needs it, how far back each can go, and what runs by itself. */
import './backups.css'
import type { Job } from '../../../server/jobs/job.ts'
import { useAct } from '../api/ask.ts'
import { post } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { now, t } from '../i18n/i18n.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { Only } from '../parts/only.tsx'
import { Link } from '../router/router.tsx'
import type { Params } from '../router/match.ts'
import { may } from '../session/session.ts'
import { Destinations } from './destinations.tsx'
import { Files } from './files.tsx'
import { MinionBackups } from './minion-backups.tsx'
import { Clock } from './schedules.tsx'
import { BOX, momentOf, newestGood, useSaved, type Saved } from './saved.ts'
import { MinionRow, type Row } from './minion-row.tsx'
import { RecoverySheet } from './recovery-sheet.tsx'
import { keptText } from './sets.tsx'
import { Timeline } from './timeline.tsx'

/** A set is made each night: after two of them, one is missing. */
const OLD_MS = 2 * 86_400_000

export function Page({ name, set }: Params) {
  if (name && set)
    return (
      <Only role="operator" alone>
        <Files minion={name} set={set} />
      </Only>
    )
  if (name) return <OfOne name={name} />
  return <All />
}

function OfOne({ name }: { name: string }) {
  const there = minions.value?.some((one) => one.name === name)
  return (
    <>
      <nav class="small" aria-label={t('breadcrumb')}>
        <Link to="/backups">{t('nav.backups')}</Link>
      </nav>
      <div>
        <h1>{there ? <Link to={`/minions/${name}`}>{name}</Link> : name}</h1>
        {minions.value && !there && (
          <p class="faint">{name === BOX ? t('backups.box.what') : t('backups.gone')}</p>
        )}
      </div>
      <MinionBackups name={name} />
    </>
  )
}

function All() {
  const saved = useSaved()
  return (
    <>
      <Loaded asked={saved} lines={6} height={40}>
        {(data) => <Overview saved={data} again={saved.again} />}
      </Loaded>
      <ByHand command={'summoner backup --all\nsummoner backups\nsummoner dumps'} />
    </>
  )
}

function Overview({ saved, again }: { saved: Saved; again(): void }) {
  const { busy, trouble, act } = useAct()
  const here = minions.value ?? []
  const names = [
    ...here.map(({ name }) => name),
    ...new Set(
      [...saved.sets, ...saved.dumps]
        .map(({ minion }) => minion)
        .filter((name) => here.every((one) => one.name !== name)),
    ),
  ]
  const rows = names.map((name): Row => ({
    name,
    minion: here.find((one) => one.name === name),
    sets: saved.sets.filter((one) => one.minion === name),
    dumps: saved.dumps.filter((one) => one.minion === name),
  }))
  const late = rows.filter(({ minion, sets }) => minion && isLate(sets, now.value))
  const all = () =>
    act(async () => {
      const { jobs } = await post<{ jobs: Job[] }>('/backups')
      notify('notice', t('plan.begun', { n: jobs.length }))
      again()
    })
  if (rows.length === 0)
    return (
      <>
        <h1>{t('nav.backups')}</h1>
        <Empty
          icon="archive"
          title={t('dumps.none')}
          action={
            <Link class="button main" to="/catalogue">
              {t('home.empty.do')}
            </Link>
          }
        >
          {t('dumps.none.what')}
        </Empty>
      </>
    )
  return (
    <>
      <div class="spread">
        <div class="grow">
          <h1>{late.length === 0 ? t('backups.calm') : t('backups.late', { n: late.length })}</h1>
          <p class="faint">{t('backups.what')}</p>
        </div>
        {may('operator') && here.length > 0 && (
          <button
            type="button"
            class={`button ${late.length > 0 ? 'main' : ''}`}
            disabled={busy}
            onClick={() => void all()}
          >
            <Icon name="archive" />
            {t('backups.all')}
          </button>
        )}
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      {saved.damaged.map(({ minion, file, why }) => (
        <Note tone="bad">
          <strong>{t('dumps.damaged', { name: minion, file })}</strong>
          <span>{why}</span>
        </Note>
      ))}
      {saved.sets.length > 0 && <Timeline rows={rows} why={(set) => keptText(saved.kept, set)} />}
      <ul class="rows" aria-label={t('home.minions')}>
        {rows.map((row) => (
          <MinionRow key={row.name} {...row} />
        ))}
      </ul>
      <Destinations />
      {may('administrator') && <RecoverySheet />}
      <Clock schedules={saved.schedules} />
    </>
  )
}

const isLate = (sets: Saved['sets'], at: number): boolean => {
  const newest = newestGood(sets)
  return newest === undefined || at - Date.parse(momentOf(newest)) > OLD_MS
}

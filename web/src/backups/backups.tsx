/** Dumps: what there is of each minion's databases, taking one now, putting one back. */
import { useState } from 'preact/hooks'
import type { BackupSet } from '../../../server/backups/set.ts'
import type { DumpRecord } from '../../../server/backups/dump.ts'
import type { Job } from '../../../server/jobs/job.ts'
import type { Minion } from '../../../server/minions/minion.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post, remove } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { bytes, span, t } from '../i18n/i18n.ts'
import { jobText } from '../i18n/server-words.ts'
import { ByHand, Code } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { TextField } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { When } from '../parts/time.tsx'
import { JobProgress } from '../jobs/job-progress.tsx'
import { Link } from '../router/router.tsx'
import { may } from '../session/session.ts'
import { Sets } from './sets.tsx'

interface Found {
  sets: BackupSet[]
  dumps: DumpRecord[]
  damaged: { minion: string; file: string; why: string }[]
}

export function Page() {
  const found = useAsk(
    async (): Promise<Found> => {
      const [dumps, { sets }] = await Promise.all([
        get<Omit<Found, 'sets'>>('/dumps'),
        get<{ sets: BackupSet[] }>('/backups'),
      ])
      return { ...dumps, sets }
    },
    [],
    { live: true },
  )
  return (
    <>
      <div>
        <h1>{t('nav.backups')}</h1>
        <p class="faint">{t('backups.what')}</p>
      </div>
      <Loaded asked={found} lines={6} height={32}>
        {(data) => <ByMinion found={data} again={found.again} />}
      </Loaded>
      <ByHand command={'summoner backup MINION\nsummoner backups\nsummoner dump MINION\nsummoner dumps'} />
    </>
  )
}

function ByMinion({ found, again }: { found: Found; again(): void }) {
  const all = (minions.value ?? []).filter(({ template }) => template !== 'nginx')
  const gone = [...new Set([...found.dumps, ...found.sets].map(({ minion }) => minion))].filter((name) =>
    all.every((one) => one.name !== name),
  )
  if (all.length === 0 && gone.length === 0)
    return (
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
    )
  return (
    <div class="stack loose">
      {found.damaged.map(({ minion, file, why }) => (
        <Note tone="bad">
          <strong>{t('dumps.damaged', { name: minion, file })}</strong>
          <span>{why}</span>
        </Note>
      ))}
      {all.map((minion) => (
        <One
          key={minion.name}
          name={minion.name}
          minion={minion}
          sets={found.sets.filter((set) => set.minion === minion.name)}
          dumps={found.dumps.filter((dump) => dump.minion === minion.name)}
          again={again}
        />
      ))}
      {gone.map((name) => (
        <One
          key={name}
          name={name}
          sets={found.sets.filter((set) => set.minion === name)}
          dumps={found.dumps.filter((dump) => dump.minion === name)}
          again={again}
        />
      ))}
    </div>
  )
}

interface OneProps {
  name: string
  minion?: Minion
  sets: readonly BackupSet[]
  dumps: readonly DumpRecord[]
  again(): void
}

const SHOWN = 5

function One({ name, minion, sets, dumps, again }: OneProps) {
  const [all, setAll] = useState(false)
  const [job, setJob] = useState<string | undefined>(undefined)
  const [restoring, setRestoring] = useState<DumpRecord | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const shown = all ? dumps : dumps.slice(0, SHOWN)
  const dump = () => act(async () => setJob((await post<{ job: Job }>(`/minions/${part(name)}/dump`)).job.id))
  const backUp = () =>
    act(async () => setJob((await post<{ job: Job }>(`/minions/${part(name)}/backup`, {})).job.id))
  const newest = sets.find(({ state }) => state === 'good')
  const menuOf = (one: DumpRecord): MenuItem[] => [
    ...(may('administrator')
      ? [
          {
            label: t('dumps.download'),
            icon: 'download' as const,
            href: `/api/v1/dumps/${part(name)}/${part(one.file)}/download`,
          },
        ]
      : []),
    ...(may('administrator') && minion
      ? [{ label: t('dumps.restore'), icon: 'restart' as const, run: () => setRestoring(one) }]
      : []),
    ...(may('administrator')
      ? [
          {
            label: t('dumps.remove'),
            icon: 'trash' as const,
            grave: true,
            run: () => void act(() => remove(`/dumps/${part(name)}/${part(one.file)}`)).then(again),
          },
        ]
      : []),
  ]
  return (
    <section class="stack tight" aria-label={name}>
      <div class="spread">
        <div>
          <h2>{minion ? <Link to={`/minions/${name}`}>{name}</Link> : name}</h2>
          <p class="small faint">
            {newest ? (
              <>
                {t('sets.last')} <When at={newest.at ?? newest.startedAt} />
              </>
            ) : (
              t('sets.never')
            )}
            {' · '}
            {dumps[0] ? (
              <>
                {t('dumps.last')} <When at={dumps[0].at} />
              </>
            ) : (
              t('dumps.never')
            )}
          </p>
        </div>
        {minion && may('operator') && (
          <div class="row">
            <button
              type="button"
              class="button main"
              disabled={busy || minion.job !== undefined}
              onClick={() => void backUp()}
            >
              <Icon name="archive" />
              {t('sets.now')}
            </button>
            <button
              type="button"
              class="button"
              disabled={busy || minion.job !== undefined}
              onClick={() => void dump()}
            >
              <Icon name="database" />
              {t('dumps.now')}
            </button>
          </div>
        )}
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      {job && (
        <div class="card">
          <JobProgress
            id={job}
            onEnd={(ended) => {
              again()
              if (ended.state === 'succeeded') {
                setJob(undefined)
                notify('ok', t('job.done', { what: jobText(ended.kind, ended.minion) }))
              }
            }}
          />
        </div>
      )}
      <Sets name={name} sets={sets} onJob={setJob} />
      {shown.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label={t('dumps.of', { name })}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('jobs.when')}</th>
                <th scope="col">{t('dumps.database')}</th>
                <th scope="col">{t('dumps.size')}</th>
                <th scope="col">{t('jobs.took')}</th>
                <th scope="col">
                  <span class="hidden-text">{t('actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.file}>
                  <td>
                    <When at={one.at} />
                  </td>
                  <td>
                    {one.database} <span class="small faint">{one.engine}</span>
                  </td>
                  <td class="numbers">
                    {bytes(one.bytes)}{' '}
                    <span class="small faint">{t('dumps.unpacked', { size: bytes(one.content) })}</span>
                  </td>
                  <td class="numbers">{span(one.seconds * 1000)}</td>
                  <td>
                    {menuOf(one).length > 0 && (
                      <Menu label={t('dumps.menu', { file: one.file })} items={menuOf(one)}>
                        <Icon name="more" />
                      </Menu>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {dumps.length > SHOWN && !all && (
        <div>
          <button type="button" class="button small quiet" onClick={() => setAll(true)}>
            {t('dumps.all', { n: dumps.length })}
          </button>
        </div>
      )}
      {restoring && (
        <Restore
          dump={restoring}
          onClose={() => setRestoring(undefined)}
          onBegun={(id) => {
            setRestoring(undefined)
            setJob(id)
          }}
        />
      )}
    </section>
  )
}

function Restore({
  dump,
  onClose,
  onBegun,
}: {
  dump: DumpRecord
  onClose(): void
  onBegun(job: string): void
}) {
  const [typed, setTyped] = useState('')
  const { busy, trouble, act } = useAct()
  const facts = useAsk(
    () => get<{ byHand?: string }>(`/dumps/${part(dump.minion)}/${part(dump.file)}`),
    [dump.file],
  )
  const restore = async () => {
    const answer = await act(() =>
      post<{ job: Job }>(`/minions/${part(dump.minion)}/restore-dump`, { file: dump.file }),
    )
    if (answer) onBegun(answer.job.id)
  }
  return (
    <Dialog title={t('dumps.restore.title', { name: dump.minion })} onClose={onClose}>
      <p>
        {t('dumps.restore.what', { database: dump.database })} <When at={dump.at} />
      </p>
      <p class="faint">{t('dumps.restore.first')}</p>
      <TextField
        label={t('dumps.restore.type', { name: dump.minion })}
        value={typed}
        onInput={setTyped}
        mono
      />
      {trouble && <TroubleNote trouble={trouble} />}
      {facts.data?.byHand && (
        <details class="by-hand">
          <summary>{t('byHand')}</summary>
          <Code text={facts.data.byHand} label={t('byHand.command')} />
        </details>
      )}
      <div class="row">
        <button
          type="button"
          class="button grave"
          disabled={busy || typed !== dump.minion}
          onClick={() => void restore()}
        >
          {t('dumps.restore')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </Dialog>
  )
}

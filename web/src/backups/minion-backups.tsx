/** What was saved of one minion, on its own page and, when it is gone, here alone. */
import { useState } from 'preact/hooks'
import type { Job } from '../../../server/jobs/job.ts'
import { useAct } from '../api/ask.ts'
import { part, post } from '../api/client.ts'
import { minions } from '../api/live.ts'
import { t } from '../i18n/i18n.ts'
import { jobText } from '../i18n/server-words.ts'
import { JobProgress } from '../jobs/job-progress.tsx'
import { ByHand } from '../parts/copy.tsx'
import { Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'
import { may } from '../session/session.ts'
import { Dumps } from './dumps.tsx'
import { useSaved } from './saved.ts'
import { Schedules } from './schedules.tsx'
import { Sets } from './sets.tsx'

export function MinionBackups({ name }: { name: string }) {
  const minion = minions.value?.find((one) => one.name === name)
  const saved = useSaved(name)
  const [begun, setJob] = useState<string | undefined>(undefined)
  const job = begun ?? minion?.job
  const { busy, trouble, act } = useAct()
  const begin = (verb: 'backup' | 'dump') =>
    act(async () =>
      setJob(
        (await post<{ job: Job }>(`/minions/${part(name)}/${verb}`, verb === 'backup' ? {} : undefined)).job
          .id,
      ),
    )
  const occupied = busy || minion?.job !== undefined
  const databases =
    (saved.data?.dumps.length ?? 0) > 0 || saved.data?.schedules.some(({ key }) => key.startsWith('dump:'))
  return (
    <div class="stack loose">
      <section class="stack" aria-labelledby="sets">
        <div class="spread">
          <div>
            <h2 id="sets">{t('sets')}</h2>
            <p class="small faint">{t('sets.what')}</p>
          </div>
          {minion && may('operator') && (
            <button
              type="button"
              class="button main"
              disabled={occupied}
              onClick={() => void begin('backup')}
            >
              <Icon name="archive" />
              {t('sets.now')}
            </button>
          )}
        </div>
        {trouble && <TroubleNote trouble={trouble} />}
        {job && (
          <div class="card">
            <JobProgress
              id={job}
              onEnd={(ended) => {
                saved.again()
                // one that failed stays to be read
                setJob(ended.state === 'succeeded' ? undefined : ended.id)
                if (ended.state !== 'succeeded') return
                const cloned = ended.kind === 'restore' && ended.minion !== name
                notify('ok', t('job.done', { what: jobText(cloned ? 'clone' : ended.kind, ended.minion) }))
              }}
            />
          </div>
        )}
        <Loaded asked={saved} lines={4} height={56}>
          {({ sets, kept }) => <Sets name={name} sets={sets} kept={kept} onJob={setJob} />}
        </Loaded>
      </section>
      {saved.data && databases && (
        <section class="stack" aria-labelledby="dumps">
          <div class="spread">
            <div>
              <h2 id="dumps">{t('dumps')}</h2>
              <p class="small faint">{t('dumps.what')}</p>
            </div>
            {minion && may('operator') && (
              <button type="button" class="button" disabled={occupied} onClick={() => void begin('dump')}>
                <Icon name="database" />
                {t('dumps.now')}
              </button>
            )}
          </div>
          {saved.data.damaged.map(({ minion: of, file, why }) => (
            <Note tone="bad">
              <strong>{t('dumps.damaged', { name: of, file })}</strong>
              <span>{why}</span>
            </Note>
          ))}
          {saved.data.dumps.length === 0 ? (
            <p class="faint">{t('dumps.never')}</p>
          ) : (
            <Dumps
              name={name}
              there={minion !== undefined}
              dumps={saved.data.dumps}
              onJob={setJob}
              again={saved.again}
            />
          )}
        </section>
      )}
      {saved.data && <Schedules schedules={saved.data.schedules} />}
      <ByHand
        command={`summoner backup ${name}\nsummoner backups ${name}\nsummoner prove ${name}\nsummoner dump ${name}`}
      />
    </div>
  )
}

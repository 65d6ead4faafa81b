/** The work of a summon as it goes, then the way in, or back. */
import { useState } from 'preact/hooks'
import type { Job } from '../../../server/jobs/job.ts'
import { t } from '../i18n/i18n.ts'
import { JobProgress } from '../jobs/job-progress.tsx'
import { Link } from '../router/router.tsx'
import type { Detail } from './detail.ts'
import { FirstSteps } from './first-steps.tsx'

interface SummoningProps {
  detail: Detail
  begun: { job: Job; minion: string }
  onBack(): void
}
export function Summoning({ detail, begun, onBack }: SummoningProps) {
  const [ended, setEnded] = useState<Job | undefined>(undefined)
  const name = begun.minion
  const ok = ended?.state === 'succeeded'
  return (
    <div class="stack">
      <div role="status">
        <h1>
          {ended === undefined
            ? t('summon.going', { name })
            : ok
              ? t('summon.done', { name })
              : t('summon.failed', { name })}
        </h1>
      </div>
      {ok && <FirstSteps name={name} notes={detail.description.notes} />}
      <div class="card narrow">
        <JobProgress id={begun.job.id} onEnd={setEnded} />
      </div>
      {ended === undefined && <p class="faint">{t('summon.leave')}</p>}
      {ended && !ok && (
        <div class="row">
          <button type="button" class="button" onClick={onBack}>
            {t('summon.back')}
          </button>
          <Link class="button" to={`/minions/${name}`}>
            {t('summon.look', { name })}
          </Link>
        </div>
      )}
    </div>
  )
}

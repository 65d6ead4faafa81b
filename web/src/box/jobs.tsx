import type { Job } from '../../../server/jobs/job.ts'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { span, t } from '../i18n/i18n.ts'
import { jobText } from '../i18n/server-words.ts'
import { ByHand } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { JobBadge } from '../parts/status.tsx'
import { When } from '../parts/time.tsx'
import { Table } from '../parts/table.tsx'
import { JobProgress } from '../jobs/job-progress.tsx'
import { Link } from '../router/router.tsx'

export function Jobs({ id }: { id: string }) {
  const jobs = useAsk(async () => (await get<{ jobs: Job[] }>('/jobs?limit=100')).jobs, [], { live: true })
  if (id !== '')
    return (
      <div class="stack">
        <Link to="/box/jobs" class="small">
          {t('jobs.all')}
        </Link>
        <One id={id} />
      </div>
    )
  return (
    <div class="stack">
      <Loaded asked={jobs} lines={6}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="list" title={t('jobs.none')}>
              {t('jobs.none.what')}
            </Empty>
          ) : (
            <Table
              label={t('box.jobs')}
              columns={[t('jobs.job'), t('container.state'), t('jobs.when'), t('jobs.took'), t('jobs.by')]}
            >
              {all.map((job) => (
                <tr>
                  <td>
                    <Link to={`/box/jobs/${job.id}`}>{jobText(job.kind, job.minion)}</Link>
                    {job.problem && <div class="small faint">{job.problem.detail}</div>}
                  </td>
                  <td>
                    <JobBadge state={job.state} />
                  </td>
                  <td class="small">
                    <When at={job.createdAt} />
                  </td>
                  <td class="small">
                    {job.startedAt && job.endedAt
                      ? span(Date.parse(job.endedAt) - Date.parse(job.startedAt))
                      : ''}
                  </td>
                  <td class="small">{job.actor}</td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loaded>
      <ByHand command="summoner jobs" />
    </div>
  )
}

function One({ id }: { id: string }) {
  const job = useAsk(() => get<Job>(`/jobs/${encodeURIComponent(id)}`), [id], { live: true })
  return (
    <>
      <Loaded asked={job}>
        {(data) => (
          <div class="row wide">
            <h2>{jobText(data.kind, data.minion)}</h2>
            <JobBadge state={data.state} />
            <span class="small faint">
              {data.actor} · <When at={data.createdAt} />
            </span>
          </div>
        )}
      </Loaded>
      <div class="card">
        <JobProgress id={id} />
      </div>
    </>
  )
}

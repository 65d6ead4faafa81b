import type { Job } from '../../jobs/job.ts'
import type { Command } from '../command.ts'
import { mark, titleOf } from '../progress.ts'
import { createStyle, type Style } from '../style.ts'
import { renderTable } from '../table.ts'
import { age, duration } from '../units.ts'

export const jobs: Command = {
  name: 'jobs',
  summary: 'list the newest jobs',
  options: {
    minion: { type: 'string', value: 'MINION', help: 'only of one minion' },
    state: {
      type: 'string',
      values: ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted'],
      help: 'only in one state',
    },
  },
  examples: ['summoner jobs', 'summoner jobs --state running'],
  run: async ({ api, options, out, world }) => {
    const query = new URLSearchParams()
    for (const name of ['minion', 'state']) {
      const value = options.text(name)
      if (value !== undefined) query.set(name, value)
    }
    const list = await api.list<Job>(`/jobs${query.size > 0 ? `?${query.toString()}` : ''}`, 'jobs')
    out.document({ jobs: list })
    if (list.length === 0) out.line('No jobs.')
    else
      out.line(
        ...renderTable(
          [
            { title: 'JOB' },
            { title: 'WHAT', min: 10 },
            { title: 'STATE' },
            { title: 'WHEN', optional: 2 },
            { title: 'TOOK', optional: 3, align: 'right' },
            { title: 'REASON', min: 12, optional: 1 },
          ],
          list.map((job) => [
            job.id,
            titleOf(job),
            { text: `${sign(job)} ${job.state}`, paint: paintOf(job, out.style) },
            age(job.createdAt, world.now()),
            job.startedAt && job.endedAt ? duration(Date.parse(job.endedAt) - Date.parse(job.startedAt)) : '',
            job.problem?.detail ?? '',
          ]),
          out.width(),
          out.style,
        ),
      )
  },
}

const plain = createStyle(false)

function sign(job: Job): string {
  if (job.state === 'queued') return mark('pending', plain)
  if (job.state === 'running' || job.state === 'succeeded' || job.state === 'failed')
    return mark(job.state, plain)
  return mark('undone', plain)
}

function paintOf(job: Job, style: Style): (text: string) => string {
  if (job.state === 'succeeded') return style.green
  if (job.state === 'failed') return style.red
  return job.state === 'queued' ? style.dim : job.state === 'running' ? style.blue : style.yellow
}

import t from 'tap'
import type { Job } from '../jobs/job.ts'
import { bar, changesBetween, renderJob, renderJobs } from './progress.ts'
import { createStyle } from './style.ts'
import { displayWidth } from './text.ts'

const style = createStyle(false)
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()
const job: Job = {
  id: 'j1',
  kind: 'summon',
  minion: 'wordpress',
  state: 'running',
  actor: 'local',
  createdAt: at(0),
  startedAt: at(0),
  steps: [
    { name: 'Write files', state: 'succeeded', startedAt: at(0), endedAt: at(0.2) },
    {
      name: 'Images',
      state: 'running',
      startedAt: at(0.2),
      message: 'mariadb: downloading',
      progress: { done: 42_000_000, total: 120_000_000, unit: 'B' },
    },
    { name: 'Start containers', state: 'pending' },
    { name: 'Certificate', state: 'skipped' },
  ],
}
const view = { now: Date.parse(at(12.6)), width: 70, style, frame: 0 }

t.test('a job as a check-list', async (t) => {
  t.same(renderJob(job, view), [
    '  ✔ Write files       0.2 s',
    '  ◐ Images            12 s',
    '      ██████████░░░░░░░░░░░░░░░░░░░░  35 %  42.0 MB of 120 MB',
    '      mariadb: downloading',
    '  · Start containers',
    '  – Certificate',
  ])
})

t.test('without a message the newest log line is shown, made safe', async (t) => {
  const [images] = job.steps.slice(1, 2)
  const {
    message: _message,
    progress: _progress,
    ...quiet
  } = images ?? { name: '', state: 'running' as const }
  const lines = renderJob({ ...job, steps: [quiet] }, { ...view, lastLine: '\u001B[2Jcompiling\rx' })
  t.same(lines, ['  ◐ Images            12 s', '      compiling x'])
})

t.test('a failed step says why; a queued job says that it waits', async (t) => {
  const failed = renderJob(
    {
      ...job,
      state: 'failed',
      steps: [
        { name: 'Images', state: 'failed', message: 'no route to host' },
        { name: 'Write files', state: 'undone' },
      ],
    },
    view,
  )
  t.same(failed, ['  ✖ Images', '      no route to host', '  ↩ Write files'])
  t.same(renderJob({ ...job, state: 'queued', steps: [] }, view), ['  waiting for its turn'])
})

t.test('many jobs take one line each', async (t) => {
  const done: Job = {
    ...job,
    id: 'j2',
    minion: 'ghost',
    state: 'succeeded',
    endedAt: at(3),
    steps: job.steps.slice(0, 1),
  }
  const waiting: Job = { ...job, id: 'j3', minion: 'site', state: 'queued', steps: [] }
  const { startedAt: _startedAt, ...queued } = waiting
  t.same(renderJobs([job, done, queued], view), [
    '  ◐ summon wordpress  2/4  13 s  Images: mariadb: downloading',
    '  ✔ summon ghost      1/1  3.0 s  succeeded',
    '  · summon site       0/0  queued',
  ])
})

t.test('nothing is wider than the terminal', async (t) => {
  for (let width = 20; width < 120; width++)
    for (const line of [...renderJob(job, { ...view, width }), ...renderJobs([job], { ...view, width })])
      t.ok(displayWidth(line) <= width, `${width}: ${displayWidth(line)} ${line}`)
})

t.test('bars survive odd figures', async (t) => {
  t.match(bar({ done: 5, total: 3, unit: 'layers' }, 60), /100 %/u)
  t.match(bar({ done: -1, total: 3, unit: 'layers' }, 60), / 0 %/u)
  t.equal(bar({ done: 1, total: 2, unit: 'layers' }, 20), ' 50 %  1 of 2 layers')
})

t.test('where there is no terminal, each change is one line', async (t) => {
  const next: Job = {
    ...job,
    steps: [
      { name: 'Write files', state: 'succeeded', startedAt: at(0), endedAt: at(0.2) },
      { name: 'Images', state: 'failed', startedAt: at(0.2), endedAt: at(2), message: 'no route\u001B[A' },
      { name: 'Start containers', state: 'running' },
    ],
  }
  t.same(changesBetween(undefined, job), [
    'wordpress: Write files: done (0.2 s)',
    'wordpress: Images …',
    'wordpress: Certificate: skipped',
  ])
  t.same(changesBetween(job, next), [
    'wordpress: Images: failed (1.8 s): no route',
    'wordpress: Start containers …',
  ])
  t.same(changesBetween(next, next), [])
})

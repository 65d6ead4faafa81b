import t from 'tap'
import { sampleApplied, sampleContainer, sampleJob } from '../../test/samples.ts'
import { statusOf, type StatusInput } from './status.ts'

const base: StatusInput = {
  desired: 'running',
  applied: sampleApplied(),
  containers: [sampleContainer()],
  engineAnswers: true,
  crashLooping: false,
  degradedBy: undefined,
  activeJob: undefined,
  lastJob: undefined,
  problem: undefined,
}
const failed = sampleJob({
  state: 'failed',
  steps: [{ name: 'images', state: 'failed' }],
  problem: { type: '', title: '', status: 424, code: 'image.unavailable', detail: 'no registry', hint: '' },
})

const rows: [string, Partial<StatusInput>, string, RegExp?][] = [
  ['all well', {}, 'running'],
  ['health still starting', { containers: [sampleContainer({ health: 'starting' })] }, 'starting'],
  ['unhealthy', { containers: [sampleContainer({ health: 'unhealthy' })] }, 'degraded', /unhealthy/],
  [
    'restarting',
    { containers: [sampleContainer({ state: 'restarting', exitCode: 3 })] },
    'failed',
    /exit code 3/,
  ],
  ['crash loop seen by the monitor', { crashLooping: true }, 'failed', /restarting/],
  [
    'crashed with an exit code',
    { containers: [sampleContainer({ state: 'exited', exitCode: 2 })] },
    'failed',
    /exit code 2/,
  ],
  [
    'stopped by hand',
    { containers: [sampleContainer({ state: 'exited', exitCode: 143 })] },
    'stopped',
    /by hand/,
  ],
  [
    'killed',
    { containers: [sampleContainer({ state: 'exited', exitCode: 137 })] },
    'stopped',
    /^Killed or stopped by hand/,
  ],
  [
    'ended by the kernel',
    { containers: [sampleContainer({ state: 'exited', exitCode: 137, starved: true })] },
    'failed',
    /ran out of memory/,
  ],
  [
    'down, its start not yet begun',
    {
      containers: [sampleContainer({ state: 'exited', exitCode: 143 })],
      activeJob: sampleJob({ kind: 'start', state: 'queued' }),
    },
    'starting',
    /its turn/,
  ],
  [
    'stopped as wished',
    { desired: 'stopped', containers: [sampleContainer({ state: 'exited', exitCode: 0 })] },
    'stopped',
  ],
  [
    'container of a service is gone',
    {
      applied: sampleApplied({
        services: [
          ...sampleApplied().services,
          { service: 'db', containerName: 'x', image: 'y', oneshot: false, hasHealthcheck: false },
        ],
      }),
    },
    'failed',
    /db is gone: `summoner apply`/,
  ],
  [
    'an ended one-shot does not count',
    {
      applied: sampleApplied({
        services: [
          ...sampleApplied().services,
          { service: 'init', containerName: 'x', image: 'y', oneshot: true, hasHealthcheck: false },
        ],
      }),
      containers: [sampleContainer(), sampleContainer({ id: 'c2', service: 'init', state: 'exited' })],
    },
    'running',
  ],
  [
    'a wrong entry says nothing about what runs',
    { problem: 'no setting "X"' },
    'running',
    /config\.yml: no setting/,
  ],
  [
    'a wrong entry of a minion that is not there',
    { problem: 'no such template', applied: undefined, containers: [] },
    'failed',
    /no such template/,
  ],
  ['never summoned', { applied: undefined, containers: [] }, 'absent', /summoner apply/],
  [
    'first summon failed',
    { applied: undefined, containers: [], lastJob: failed },
    'failed',
    /images: no registry/,
  ],
  [
    'first summon at work',
    {
      applied: undefined,
      containers: [],
      activeJob: sampleJob({ steps: [{ name: 'images', state: 'running' }] }),
    },
    'starting',
    /images/,
  ],
  ['update at work', { activeJob: sampleJob() }, 'updating'],
  ['proxy left the host out', { degradedBy: 'nginx refused it' }, 'degraded', /nginx refused/],
  ['nothing is known without the engine', { engineAnswers: false, containers: [] }, 'degraded', /engine/],
  [
    'a job at work knows no more',
    { engineAnswers: false, activeJob: sampleJob({ state: 'running' }) },
    'degraded',
    /engine/,
  ],
  ['gone from config.yml, still running', { desired: 'absent' }, 'running'],
]

for (const [name, change, status, reason] of rows)
  t.test(name, async (t) => {
    const verdict = statusOf({ ...base, ...change })
    t.equal(verdict.status, status)
    if (reason) t.match(verdict.reason, reason)
    else t.equal(verdict.reason, undefined)
  })

import t from 'tap'
import type { Events } from '../events/event.ts'
import { sampleJob } from '../../test/samples.ts'
import { announceFailures } from './announce.ts'

t.test('a failed job is told once, others never', async (t) => {
  const told: unknown[] = []
  const append = ((event: unknown) => void told.push(event)) as unknown as Events['append']
  const listen = announceFailures({ append })
  const problem = {
    type: '',
    title: '',
    status: 424,
    code: 'minion.unhealthy' as const,
    detail: 'It is sick.',
    hint: '',
  }
  listen({ type: 'job', job: sampleJob() })
  listen({ type: 'log', jobId: 'j1', seq: 1, line: 'x' })
  listen({ type: 'job', job: sampleJob({ state: 'failed', problem }) })
  listen({ type: 'job', job: sampleJob({ state: 'failed', problem }) })
  t.match(told, [
    { type: 'minion.failed', minion: 'blog', severity: 'error', title: 'blog: summon failed. It is sick.' },
  ])
  t.equal(told.length, 1)
})

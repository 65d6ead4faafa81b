import t from 'tap'
import type { Container, Engine } from '../docker/container.ts'
import { createProjection } from '../docker/projection.ts'
import type { StepContext } from '../jobs/job.ts'
import { sampleContainer } from '../../test/samples.ts'
import { awaitHealthy, verdict } from './await-healthy.ts'

const service = {
  service: 'ghost',
  containerName: 'blog-kit.test',
  image: 'x',
  oneshot: false,
  hasHealthcheck: true,
}
const verdictOf = (change: Partial<Container>, oneshot = false, before = 0) =>
  verdict({ service: 'ghost', oneshot }, [sampleContainer(change)], new Map([['c1', before]])).state

t.test('verdicts', async (t) => {
  t.equal(verdictOf({}), 'good')
  t.equal(verdictOf({ health: 'none' }), 'good')
  t.equal(verdictOf({ health: 'starting' }), 'waiting')
  t.equal(verdictOf({ health: 'unhealthy' }), 'waiting')
  t.equal(verdictOf({ state: 'restarting', restartCount: 2 }), 'waiting')
  t.equal(verdictOf({ state: 'restarting', restartCount: 3 }), 'failed')
  t.equal(verdictOf({ restartCount: 9 }, false, 8), 'good', 'restarts of long ago do not count')
  t.equal(verdictOf({ state: 'exited', exitCode: 0 }, true), 'good')
  t.equal(verdictOf({ state: 'exited', exitCode: 1 }, true), 'failed')
  t.equal(verdictOf({ state: 'running' }, true), 'waiting')
  t.equal(verdict({ service: 'other', oneshot: false }, [sampleContainer()], new Map()).state, 'waiting')
})

/** An engine whose one container changes under the projection's eyes. */
function setUp(first: Partial<Container>) {
  let container = sampleContainer(first)
  let tell: Parameters<Engine['events']>[1] = () => {}
  const engine = {
    listContainers: async () => [container],
    inspect: async () => container,
    events: async (_since: unknown, onEvent: typeof tell) => {
      tell = onEvent
      return { close() {} }
    },
    async *logs() {
      yield { at: '', stream: 'stderr' as const, line: 'disk on fire' }
    },
  } as unknown as Engine
  const projection = createProjection({ engine, boxId: 'box', onError: (error) => t.fail(String(error)) })
  const change = (next: Partial<Container>) => {
    container = sampleContainer(next)
    tell({ type: 'container', action: 'health_status', id: 'c1', attributes: {}, timeNano: 0 })
  }
  const context = {
    jobId: 'j',
    signal: new AbortController().signal,
    log() {},
    progress() {},
    journal() {},
    settle() {},
  } as StepContext
  return { projection, engine, change, context }
}

t.test('ends as soon as the engine says healthy', async (t) => {
  const { projection, engine, change, context } = setUp({ health: 'starting' })
  await projection.start()
  t.teardown(() => projection.stop())
  const waiting = awaitHealthy(
    { minion: 'blog', services: [service], withinSeconds: 30 },
    { projection, engine },
    context,
  )
  change({ health: 'healthy' })
  await t.resolves(waiting)
})

t.test('a crash loop fails with the last words of the container', async (t) => {
  const { projection, engine, change, context } = setUp({ health: 'starting' })
  await projection.start()
  t.teardown(() => projection.stop())
  const waiting = awaitHealthy(
    { minion: 'blog', services: [service], withinSeconds: 30 },
    { projection, engine },
    context,
  )
  change({ state: 'restarting', restartCount: 3, exitCode: 7 })
  await t.rejects(waiting, {
    code: 'minion.crashing',
    message: /restarted 3 times \(exit code 7\).*disk on fire/,
  })
})

t.test('never healthy fails when the time is up', async (t) => {
  const { projection, engine, context } = setUp({ health: 'unhealthy' })
  await projection.start()
  t.teardown(() => projection.stop())
  await t.rejects(
    awaitHealthy({ minion: 'blog', services: [service], withinSeconds: 0 }, { projection, engine }, context),
    {
      code: 'minion.unhealthy',
      message: /unhealthy after 0 s/,
    },
  )
})

t.test(
  'what the health check said stands in the error; a program that is not there is not waited for',
  async (t) => {
    const probe =
      'OCI runtime exec failed: exec failed: exec: "wget": executable file not found in $PATH: unknown'
    const { projection, engine, context } = setUp({ health: 'unhealthy', probe })
    await projection.start()
    t.teardown(() => projection.stop())
    await t.rejects(
      awaitHealthy(
        { minion: 'blog', services: [service], withinSeconds: 60 },
        { projection, engine },
        context,
      ),
      { code: 'minion.unhealthy', message: /is unhealthy\. Its health check says: .*"wget": executable/ },
    )
    t.equal(verdictOf({ health: 'unhealthy', probe: 'connection refused' }), 'waiting')
  },
)

t.test('a container that is stopped from outside is not waited for until the time is up', async (t) => {
  const { projection, engine, context } = setUp({ state: 'exited', exitCode: 0 })
  await projection.start()
  t.teardown(() => projection.stop())
  await t.rejects(
    awaitHealthy(
      { minion: 'blog', services: [service], withinSeconds: 600 },
      { projection, engine },
      context,
    ),
    { code: 'minion.unhealthy', message: /stopped meanwhile \(exit code 0\)/ },
  )
})

t.test('a health that could not be seen is the fault of the engine', async (t) => {
  const { engine, context } = setUp({ health: 'starting' })
  const projection = createProjection({ engine, boxId: 'box', onError() {} })
  await projection.refresh()
  await t.rejects(
    awaitHealthy({ minion: 'blog', services: [service], withinSeconds: 0 }, { projection, engine }, context),
    { code: 'engine.unreachable', message: /blog/ },
  )
})

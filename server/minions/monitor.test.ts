import t from 'tap'
import { sampleContainer } from '../../test/samples.ts'
import type { Container } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'
import type { Events } from '../events/event.ts'
import { createMonitor } from './monitor.ts'

/** A projection that is told by hand. */
function setUp(test: { teardown(work: () => void): void }) {
  let container: Container | undefined
  let tell: Parameters<Projection['onChange']>[0] = () => {}
  const said: string[] = []
  const monitor = createMonitor({
    projection: {
      ours: () => (container ? [container] : []),
      onChange(listener: typeof tell) {
        tell = listener
        return () => {}
      },
    } as unknown as Projection,
    events: { append: ({ type }: { type: string }) => void said.push(type) } as unknown as Events,
    now: () => new Date(0),
    onVerdict() {},
  })
  test.teardown(() => monitor.stop())
  const change = (after: Container | undefined) => {
    const before = container
    container = after
    tell({ id: 'c1', before, after })
  }
  const restarted = (times: number) => {
    for (let count = 1; count <= times; count++)
      change(sampleContainer({ restartCount: count, state: 'restarting', exitCode: 7, health: 'starting' }))
  }
  return { monitor, said, change, restarted }
}

t.test('a crash loop is told once, and health between two crashes is no recovery', async (t) => {
  const { monitor, said, change, restarted } = setUp(t)
  change(sampleContainer({ health: 'unhealthy' }))
  restarted(5)
  t.ok(monitor.looping().has('blog'))
  change(sampleContainer({ restartCount: 5, health: 'healthy' }))
  t.same(said, ['minion.unhealthy', 'minion.crash-looping'])
  t.ok(monitor.looping().has('blog'))
})

t.test('the verdict goes with its container: the next one is judged by itself', async (t) => {
  const { monitor, said, change, restarted } = setUp(t)
  change(sampleContainer())
  restarted(3)
  change(undefined)
  t.notOk(monitor.looping().has('blog'))
  change(sampleContainer())
  restarted(2)
  t.notOk(monitor.looping().has('blog'))
  t.same(said, ['minion.crash-looping'])
})

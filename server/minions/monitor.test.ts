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
  const titles: string[] = []
  let busy = false
  const monitor = createMonitor({
    projection: {
      ours: () => (container ? [container] : []),
      onChange(listener: typeof tell) {
        tell = listener
        return () => {}
      },
    } as unknown as Projection,
    events: {
      append({ type, title }: { type: string; title: string }) {
        said.push(type)
        titles.push(title)
      },
    } as unknown as Events,
    working: () => busy,
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
  return { monitor, said, titles, change, restarted, work: (works: boolean) => void (busy = works) }
}

t.test('a crash loop is told once, and health between two crashes is no recovery', async (t) => {
  const { monitor, said, change, restarted } = setUp(t)
  change(sampleContainer({ health: 'unhealthy' }))
  restarted(5)
  t.ok(monitor.looping().has('blog'))
  change(sampleContainer({ restartCount: 5, health: 'healthy' }))
  t.same(said, ['minion.unhealthy', 'minion.died', 'minion.crash-looping'])
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
  t.same(said, ['minion.died', 'minion.crash-looping', 'minion.died'])
})

t.test('a container that dies is told, once in a while, and not when somebody stopped it', async (t) => {
  const { said, titles, change, work } = setUp(t)
  const dies = (exitCode: number, more: Partial<Container> = {}) => {
    change(sampleContainer())
    change(sampleContainer({ state: 'exited', exitCode, ...more }))
  }
  dies(0)
  dies(143)
  dies(1, { asked: true })
  work(true)
  dies(137)
  work(false)
  t.same(said, [])
  dies(137, { state: 'restarting', starved: true })
  t.same(titles, ['blog-kit.test ran out of memory (exit code 137); the engine starts it again'])
  dies(1)
  t.same(said, ['minion.died'], 'told a moment ago')
  change(undefined)
  dies(137)
  change(undefined)
  dies(2)
  t.same(titles.slice(1), [
    'blog-kit.test was killed (exit code 137)',
    'blog-kit.test ended by itself (exit code 2)',
  ])
})

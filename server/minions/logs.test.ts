import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Container, Engine } from '../docker/container.ts'
import type { Projection } from '../docker/projection.ts'
import { sampleContainer } from '../../test/samples.ts'
import { minionLogs } from './logs.ts'

type Listener = Parameters<Projection['onChange']>[0]
type Line = { at: string; stream: 'stdout'; line: string }

/** Containers whose lines the test writes; a stream ends when its container does or its reader goes. */
function setUp(containers: Container[], text: Record<string, string[]>, endless: string[] = []) {
  const listeners = new Set<Listener>()
  const opened: { id: string; options: object; signal: AbortSignal | undefined }[] = []
  const projection = {
    ours: () => containers,
    onChange(listener: Listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  } as unknown as Projection
  const engine = {
    async *logs(id: string, { signal, ...options }: { signal?: AbortSignal }): AsyncGenerator<Line> {
      opened.push({ id, options, signal })
      for (const line of text[id] ?? []) yield { at: '', stream: 'stdout', line }
      while (endless.includes(id) && !signal?.aborted) await sleep(5)
    },
  } as unknown as Pick<Engine, 'logs'>
  return {
    deps: { projection, engine },
    opened,
    tell: (after: Container) =>
      listeners.forEach((listener) => listener({ id: after.id, before: undefined, after })),
    listeners,
  }
}

const web = sampleContainer({ id: 'web', service: 'web' })
const db = sampleContainer({ id: 'db', service: 'db' })

t.test('all lines of all containers, or of one service; then it ends', async (t) => {
  const { deps } = setUp([web, db], { web: ['a', 'b'], db: ['x'] })
  const lines = await Array.fromAsync(minionLogs('blog', {}, deps))
  t.same(lines.map(({ service, line }) => `${service} ${line}`).toSorted(), ['db x', 'web a', 'web b'])
  t.equal((await Array.fromAsync(minionLogs('blog', { service: 'db' }, deps))).length, 1)
})

t.test('more lines than may wait still all arrive', async (t) => {
  const many = Array.from({ length: 5000 }, (_, index) => String(index))
  const { deps } = setUp([web], { web: many })
  const lines = await Array.fromAsync(minionLogs('blog', {}, deps))
  t.same(
    lines.map(({ line }) => line),
    many,
  )
})

t.test(
  'a follower stays when the container is made anew, and lets go of everything when it leaves',
  async (t) => {
    const next = sampleContainer({ id: 'web2', service: 'web', startedAt: '2026-01-01T00:00:00Z' })
    const containers = [web]
    const { deps, opened, tell, listeners } = setUp(containers, { web: ['before'], web2: ['after'] }, [
      'web2',
    ])
    const seen: string[] = []
    for await (const { line } of minionLogs('blog', { follow: true, tail: 5 }, deps)) {
      seen.push(line)
      if (line === 'before') {
        containers[0] = next
        tell(next)
      } else break
    }
    t.same(seen, ['before', 'after'])
    t.match(
      opened.map(({ id, options }) => [id, options]),
      [
        ['web', { tail: 5 }],
        ['web2', { since: '2026-01-01T00:00:00Z' }],
      ],
    )
    t.ok(opened[1]?.signal?.aborted)
    t.equal(listeners.size, 0)
  },
)

t.test('the end of the reader is the end', async (t) => {
  const controller = new AbortController()
  const { deps } = setUp([web], { web: [] }, ['web'])
  const reading = Array.fromAsync(minionLogs('blog', { follow: true, signal: controller.signal }, deps))
  controller.abort()
  t.same(await reading, [])
})

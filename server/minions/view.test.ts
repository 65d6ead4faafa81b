import t from 'tap'
import { sampleContainer } from '../../test/samples.ts'
import { createMinionList } from './view.ts'

const NONE = new Set<string>()
const EMPTY: never[] = []
const TROUBLES = new Map<string, string>()

t.test('the list that is kept is made anew when the engine goes and when it is back', async (t) => {
  let connected = true
  const config = { applications: [] }
  const list = createMinionList({
    lastGood: () => ({ config, etag: '"1"' }),
    catalog: { list: () => [] },
    wishes: { list: () => [] },
    recordsDir: t.testdir(),
    projection: {
      connected: () => connected,
      ours: () => [sampleContainer()],
      onChange: () => () => {},
    },
    jobs: { active: () => undefined, last: () => undefined, subscribe: () => () => {} },
    monitor: { looping: () => NONE },
    vhosts: () => EMPTY,
    troubles: () => TROUBLES,
  } as unknown as Parameters<typeof createMinionList>[0])
  const first = list.all()
  t.equal(list.all(), first, 'the same array while nothing changes')
  connected = false
  t.match(list.find('blog'), { status: 'degraded', reason: /engine/ })
  connected = true
  t.not(list.find('blog').status, 'degraded')
})

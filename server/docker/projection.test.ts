import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { sampleContainer } from '../../test/samples.ts'
import { SummonerError } from '../errors.ts'
import type { Container, Engine, EngineEvent } from './container.ts'
import { createProjection } from './projection.ts'

function fakeEngine() {
  const world = new Map<string, Container>()
  const streams: { onEvent: (event: EngineEvent) => void; onEnd: () => void }[] = []
  let up = true
  let inspects = 0
  /** Lets a test answer late. */
  let answer: () => Promise<void> = async () => {}
  const engine = {
    listContainers: async () => {
      const seen = [...world.values()]
      await answer()
      return seen
    },
    inspect: async (id: string) => {
      inspects++
      const found = world.get(id)
      if (!found) throw new SummonerError('engine.missing', id)
      return found
    },
    events: async (_since: unknown, onEvent: (event: EngineEvent) => void, onEnd: () => void) => {
      if (!up) throw new SummonerError('engine.unreachable', 'down')
      streams.push({ onEvent, onEnd })
      return { close: onEnd }
    },
  } as unknown as Engine
  return {
    engine,
    world,
    inspects: () => inspects,
    tell: (id: string, action = 'start') =>
      streams.at(-1)?.onEvent({ type: 'container', action, id, attributes: {}, timeNano: 0 }),
    goDown() {
      up = false
      streams.at(-1)?.onEnd()
    },
    comeBack: () => void (up = true),
    streams,
    listing: (work: () => Promise<void>) => void (answer = work),
  }
}
const until = async (condition: () => boolean) => {
  for (let tries = 0; tries < 300 && !condition(); tries++) await sleep(10)
}

t.test('follows events, tells ours from foreign', async (t) => {
  const { engine, world, tell } = fakeEngine()
  world.set('c1', sampleContainer())
  const projection = createProjection({ engine, boxId: 'box', onError: (error) => t.fail(String(error)) })
  await projection.start()
  t.teardown(() => projection.stop())
  t.equal(projection.ours('blog').length, 1)
  // run by hand from an image of ours: it has the image's label
  world.set('c2', sampleContainer({ id: 'c2', labels: { 'io.summoner.box': 'box' } }))
  tell('c2')
  await until(() => projection.foreign().length === 1)
  world.delete('c1')
  tell('c1', 'destroy')
  await until(() => projection.ours().length === 0)
  t.same(
    projection.all().map(({ id }) => id),
    ['c2'],
  )
})

t.test('a burst about one container costs few inspects', async (t) => {
  const { engine, world, tell, inspects } = fakeEngine()
  world.set('c1', sampleContainer())
  const projection = createProjection({ engine, boxId: 'box', onError: (error) => t.fail(String(error)) })
  await projection.start()
  t.teardown(() => projection.stop())
  for (let count = 0; count < 100; count++) tell('c1', 'start')
  await sleep(50)
  t.ok(inspects() > 0 && inspects() < 10, `${inspects()} inspects`)
})

t.test('what changed while the engine was away is there after it is back', async (t) => {
  const { engine, world, goDown, comeBack } = fakeEngine()
  for (let count = 0; count < 50; count++) world.set(`a${count}`, sampleContainer({ id: `a${count}` }))
  const projection = createProjection({ engine, boxId: 'box', onError: (error) => t.fail(String(error)) })
  const said: string[] = []
  projection.onConnection((state) => said.push(state))
  await projection.start()
  t.teardown(() => projection.stop())
  goDown()
  t.equal(projection.connected(), false)
  world.clear()
  for (let count = 0; count < 1000; count++)
    world.set(`b${count}`, sampleContainer({ id: `b${count}`, restartCount: count }))
  comeBack()
  await until(() => projection.connected())
  t.same(
    projection
      .all()
      .map(({ id }) => id)
      .sort(),
    [...world.keys()].sort(),
  )
  await until(() => said.length === 2)
  t.same(said, ['lost', 'back'])
})

t.test('a full read never replaces what an event told while it was under way', async (t) => {
  const { engine, world, tell, listing } = fakeEngine()
  world.set('c1', sampleContainer({ state: 'running' }))
  world.set('c2', sampleContainer({ id: 'c2' }))
  const projection = createProjection({ engine, boxId: 'box', onError: (error) => t.fail(String(error)) })
  await projection.start()
  t.teardown(() => projection.stop())
  listing(async () => {
    world.set('c1', sampleContainer({ state: 'exited' }))
    world.delete('c2')
    world.set('c3', sampleContainer({ id: 'c3' }))
    for (const id of ['c1', 'c2', 'c3']) tell(id)
    await until(() => projection.all().some(({ id }) => id === 'c3'))
  })
  await projection.refresh()
  t.same(
    projection.all().map(({ id, state }) => [id, state]),
    [
      ['c1', 'exited'],
      ['c3', 'running'],
    ],
  )
})

t.test('an engine that goes away again while it is read is reconnected to once', async (t) => {
  const { engine, goDown, comeBack, listing, streams } = fakeEngine()
  const projection = createProjection({ engine, boxId: 'box', onError: () => {} })
  const said: string[] = []
  projection.onConnection((state) => said.push(state))
  await projection.start()
  t.teardown(() => projection.stop())
  let failures = 2
  listing(async () => {
    if (failures-- > 0) throw new SummonerError('engine.unreachable', 'down again')
  })
  goDown()
  comeBack()
  await until(() => projection.connected())
  await sleep(300)
  t.same(said, ['lost', 'back'])
  t.equal(streams.length, 4, 'the first, two that failed, the last')
})

t.test('an engine that is absent at the start is lost, then back', async (t) => {
  const { engine, world, goDown, comeBack, streams } = fakeEngine()
  goDown()
  world.set('c1', sampleContainer())
  const errors: unknown[] = []
  const projection = createProjection({ engine, boxId: 'box', onError: (error) => errors.push(error) })
  const said: string[] = []
  projection.onConnection((state) => said.push(state))
  await projection.start()
  t.teardown(() => projection.stop())
  t.same([projection.connected(), projection.all(), errors.length, said], [false, [], 1, ['lost']])
  comeBack()
  await until(() => said.length === 2)
  t.same([said, projection.all().length, streams.length], [['lost', 'back'], 1, 1])
})

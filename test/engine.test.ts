import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import Docker from 'dockerode'
import { createEngine } from '../server/docker/engine.ts'
import { createProjection } from '../server/docker/projection.ts'
import type { Container } from '../server/docker/container.ts'
import type { Event } from '../server/events/event.ts'
import type { Job } from '../server/jobs/job.ts'
import { createBox, engine as hostEngine } from './box.ts'
import { createDoor, createSecondEngine, type SecondEngine } from './second-engine.ts'

const EVENTS = 1_000
const SURVIVORS = 20

let second: SecondEngine
try {
  second = await createSecondEngine()
} catch (error) {
  t.plan(0, (error as Error).message)
  process.exit(0)
}

// a first box on the host's own engine sees to the images
const builder = await createBox()
const built = await builder.run('POST', '/minions', { template: 'hello', name: builder.name('x') })
const images = (await hostEngine.listContainers({ labels: [`io.summoner.box=${builder.boxId()}`] })).map(
  ({ image }) => image,
)
await builder.remove()
if (built.state !== 'succeeded') throw new Error(JSON.stringify(built.problem))
await second.load(images)

const door = await createDoor(second.socket, `${second.socket}.door`)
const box = await createBox({ engineSocket: door.socket })
t.teardown(async () => {
  await box.remove().catch((error: unknown) => t.comment(String(error)))
  await door.shut()
  await second.remove()
})
const engine = createEngine({ socketPath: second.socket })
const name = box.name('web')
const host = `${name}.${box.domain}`

const until = async (what: string, condition: () => Promise<boolean> | boolean) => {
  for (let tries = 0; tries < 600; tries++) {
    if (await condition()) return
    await sleep(200)
  }
  t.fail(`never happened: ${what}`)
}
const events = async (type: string) =>
  (await box.api<{ events: Event[] }>('GET', `/events?type=${type}&limit=100`)).body.events.length
const serves = async () => (await box.visit(host).catch(() => undefined))?.status === 200
const status = async () => (await box.minion(name)).status

t.test('a box on an engine of its own: compose goes where the daemon looks', async (t) => {
  const job = await box.run('POST', '/minions', { template: 'hello', name })
  t.equal(job.state, 'succeeded', JSON.stringify(job.problem))
  t.equal((await box.visit(host)).status, 200)
  t.same(await hostEngine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] }), [])
})

t.test(
  `${EVENTS} events while the daemon cannot hear them: the same as a full read afterwards`,
  async (t) => {
    const errors: unknown[] = []
    const projection = createProjection({
      engine: createEngine({ socketPath: door.socket }),
      boxId: box.boxId(),
      onError: (error) => errors.push(error),
    })
    await projection.start()
    t.teardown(() => projection.stop())
    await door.shut()
    await until(
      'the engine is missed',
      async () => !projection.connected() && (await status()) === 'degraded',
    )
    t.match((await box.minion(name)).reason, 'engine does not answer')
    t.match(await box.api('GET', '/config/plan'), { status: 503, body: { code: 'engine.unreachable' } })
    t.match(await box.api('POST', '/config/apply', {}), { status: 503, body: { code: 'engine.unreachable' } })

    const docker = new Docker({ socketPath: second.socket })
    const image = images.find((reference) => reference.includes('hello'))!
    const create = async (count: number) => {
      const labels =
        count < SURVIVORS ? { 'io.summoner.box': box.boxId(), 'io.summoner.minion': 'ghostly' } : {}
      const container = await docker.createContainer({
        name: `x${count}`,
        Image: image,
        Cmd: ['sleep', '60'],
        Labels: labels,
        HostConfig: { NetworkMode: 'none' },
      })
      if (count >= SURVIVORS) await container.remove()
    }
    // a create and a removal each
    const rounds = Array.from({ length: EVENTS / 2 + SURVIVORS / 2 }, (_, count) => count)
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let count = rounds.shift(); count !== undefined; count = rounds.shift()) await create(count)
      }),
    )
    await engine.stop(name + '-' + box.domain, 5)

    await door.open()
    await until('it is connected again', () => projection.connected())
    const byId = (containers: Container[]) => containers.sort((a, b) => (a.id < b.id ? -1 : 1))
    const read = async () => ({ seen: byId(projection.all()), there: byId(await engine.listContainers()) })
    let both = await read()
    await until('both see the same', async () => {
      both = await read()
      return JSON.stringify(both.seen) === JSON.stringify(both.there)
    })
    t.same(both.seen, both.there)
    const { body } = await box.api<{ minions: { name: string; containers: unknown[] }[] }>('GET', '/minions')
    t.equal(body.minions.find((minion) => minion.name === 'ghostly')?.containers.length, SURVIVORS)
    await until('what was stopped meanwhile is started', serves)
    for (let count = 0; count < SURVIVORS; count++) await engine.remove(`x${count}`)
    await until('they vanish from the list', async () =>
      (await box.api<{ minions: { name: string }[] }>('GET', '/minions')).body.minions.every(
        (minion) => minion.name !== 'ghostly',
      ),
    )
  },
)

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  t.test(`the engine ends by ${signal} and starts again: the minion comes back`, async (t) => {
    const back = await events('engine.back')
    // a start at work would wait out its time for health, and the restart behind it
    await until('the box is at rest', async () =>
      (await box.api<{ jobs: Job[] }>('GET', '/jobs')).body.jobs.every(
        ({ endedAt }) => endedAt !== undefined,
      ),
    )
    const began = Date.now()
    await second.stop(signal)
    t.comment(`the engine took ${Date.now() - began} ms to end`)
    await until('the engine is missed', async () => (await status()) === 'degraded')
    const job = await box.run('POST', `/minions/${name}/restart`)
    t.match(job, { state: 'failed', problem: { code: 'engine.unreachable' } }, job.problem?.detail ?? '')
    const { body } = await box.api<{ checks: { id: string; state: string }[] }>('GET', '/doctor')
    t.equal(body.checks.find(({ id }) => id === 'engine')?.state, 'fail')
    await second.start()
    await until('the daemon sees it again', async () => (await events('engine.back')) > back)
    await until('the minion runs', async () => (await status()) === 'running')
    await until('the page is served', serves)
    t.same((await box.api<{ changes: unknown[] }>('GET', '/config/plan')).body.changes, [])
  })

import t from 'tap'
import { createDaemon, jobOf, sendEvents, socketFor, type } from './daemon.fixture.ts'

type Response = Parameters<typeof sendEvents>[0]
const running = jobOf('running', {
  steps: [{ name: 'Images', state: 'running', startedAt: '2026-01-01T11:59:50Z' }],
})
const done = jobOf('succeeded', {
  steps: [
    {
      name: 'Images',
      state: 'succeeded',
      startedAt: '2026-01-01T11:59:50Z',
      endedAt: '2026-01-01T12:00:00Z',
    },
  ],
})

t.test('a daemon that restarts does not end the command', async (t) => {
  const socket = socketFor(t)
  const first = createDaemon(socket, {
    'POST /minions/wordpress/restart': { job: running },
    'GET /jobs/01J/events': (_: unknown, response: Response) => {
      const sent = sendEvents(
        response,
        [
          ['job', running],
          ['log', { seq: 0, line: 'one' }],
        ],
        true,
      )
      setImmediate(() => void restart())
      return sent
    },
  })
  const second = createDaemon(socket, {
    'GET /jobs/01J/events': (_: unknown, response: Response) =>
      sendEvents(response, [
        ['job', running],
        ['log', { seq: 0, line: 'one' }],
        ['job', done],
      ]),
  })
  let pauses = 0
  let back = Promise.resolve()
  const restart = async () => {
    await first.stop()
  }
  await first.listen()
  t.teardown(() => second.stop())
  const { code, stdout } = await type(socket, ['restart', 'wordpress'], {
    world: {
      // The daemon is away for a few tries.
      sleep: async () => {
        pauses++
        if (pauses === 3) back = second.listen()
        await back
        await new Promise((resolve) => setTimeout(resolve, 5))
      },
    },
  })
  t.equal(code, 0)
  t.ok(pauses >= 3)
  t.match(stdout, /wordpress: Images: done \(10 s\)/u)
  t.match(stdout, /wordpress was restarted/u)
})

t.test('a daemon that stays away is told, in the end', async (t) => {
  const socket = socketFor(t)
  const daemon = createDaemon(socket, {
    'POST /minions/wordpress/stop': { job: running },
    'GET /jobs/01J/events': (_: unknown, response: Response) => {
      const sent = sendEvents(response, [], true)
      setImmediate(() => void daemon.stop())
      return sent
    },
  })
  await daemon.listen()
  let now = 0
  const { code, stderr } = await type(socket, ['stop', 'wordpress'], {
    world: {
      now: () => now,
      sleep: async () => {
        now += 10_000
        await new Promise((resolve) => setTimeout(resolve, 5))
      },
    },
  })
  t.equal(code, 1)
  t.match(stderr, /went away[^]*The job 01J continues/u)
})

t.test('Ctrl-C leaves the job alone and says how to go on', async (t) => {
  const socket = socketFor(t)
  let interrupt = () => {}
  const daemon = createDaemon(socket, {
    'POST /minions/wordpress/stop': { job: running },
    'GET /jobs/01J/events': (_: unknown, response: Response) => {
      const sent = sendEvents(response, [['job', running]], true)
      setImmediate(() => interrupt())
      return sent
    },
  })
  await daemon.listen()
  t.teardown(() => daemon.stop())
  const { code, stderr } = await type(socket, ['stop', 'wordpress'], {
    world: {
      onInterrupt: (listener) => {
        interrupt = listener
        return () => {}
      },
    },
  })
  t.equal(code, 130)
  t.match(stderr, /goes on without this window[^]*summoner job 01J follow[^]*summoner job 01J cancel/u)
  t.notOk(daemon.asked.some(({ path }) => path.endsWith('/cancel')))
})

t.test('a job that is refused midway is an error of its own', async (t) => {
  const socket = socketFor(t)
  const daemon = createDaemon(socket, {
    'POST /minions/wordpress/stop': { job: running },
    'GET /jobs/01J/events': (_: unknown, response: Response) =>
      sendEvents(response, [
        ['problem', { title: 'You are not signed in', status: 401, code: 'auth.required' }],
      ]),
  })
  await daemon.listen()
  t.teardown(() => daemon.stop())
  const { code, stderr } = await type(socket, ['stop', 'wordpress'])
  t.equal(code, 1)
  t.match(stderr, /You are not signed in/u)
})

t.test('on a terminal the list is redrawn in place and the cursor comes back', async (t) => {
  const socket = socketFor(t)
  const daemon = createDaemon(socket, {
    'POST /minions/wordpress/stop': { job: running },
    'GET /jobs/01J/events': (_: unknown, response: Response) =>
      sendEvents(response, [
        ['job', running],
        ['job', done],
      ]),
  })
  await daemon.listen()
  t.teardown(() => daemon.stop())
  const { stdout } = await type(socket, ['stop', 'wordpress'], { terminal: true, columns: 40 })
  t.match(stdout, / {2}✔ Images +10 s\n\p{Cc}\[\?25h/u)
  t.match(stdout, /✔ wordpress is stopped\.\n$/u)
})

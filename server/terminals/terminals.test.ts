import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Container, Terminal } from '../docker/container.ts'
import { createTerminals } from './create-terminals.ts'
import { AT_ONCE, IDLE_MS, UNREAD_MS } from './terminal.ts'

const size = { rows: 24, columns: 80 }
const zoe = { key: 'session-1', name: 'zoe' }

/** A program that says back what is typed, until its line is cut. */
function echo() {
  let more = Promise.withResolvers<string | undefined>()
  const seat = { typed: '', ended: 0, sizes: [] as object[] }
  const terminal: Terminal = {
    output: (async function* () {
      for (;;) {
        const next = await more.promise
        more = Promise.withResolvers()
        if (next === undefined) return
        yield Buffer.from(next)
      }
    })(),
    write(data) {
      seat.typed += data
      more.resolve(data)
    },
    async resize(to) {
      seat.sizes.push(to)
    },
    async end() {
      seat.ended++
      more.resolve(undefined)
    },
    code: async () => 0,
  }
  return { seat, terminal }
}

function rig() {
  const state = {
    allowed: true,
    now: 0,
    opened: [] as ReturnType<typeof echo>['seat'][],
    argv: [] as string[],
  }
  const endings: string[] = []
  let count = 0
  const container = (service: string, running: boolean) =>
    ({
      id: `c-${service}`,
      name: `${service}-web`,
      service,
      state: running ? 'running' : 'exited',
    }) as Container
  const terminals = createTerminals({
    engine: {
      async terminal(_id, argv) {
        const { seat, terminal } = echo()
        state.opened.push(seat)
        state.argv = [...argv]
        return terminal
      },
    },
    ours: () => [container('app', true), container('db', false)],
    allowed: () => state.allowed,
    newId: () => `t${++count}`,
    now: () => new Date(state.now),
    onEnd: ({ minion, service }, owner, why) => endings.push(`${owner} ${minion} ${service} ${why}`),
    onError: (error) => {
      throw error
    },
  })
  const read = async (id: string, key = zoe.key) => {
    const gone = new AbortController()
    const messages: { event: string; data: unknown }[] = []
    const over = (async () => {
      for await (const message of terminals.output(id, key)(gone.signal)) messages.push(message)
    })()
    return { messages, over, leave: () => gone.abort() }
  }
  return { state, terminals, endings, read }
}

t.test('off until config.yml says otherwise, and only where something runs', async (t) => {
  const { state, terminals } = rig()
  await t.rejects(terminals.open('web', 'db', size, zoe), { code: 'terminal.container' })
  await t.rejects(terminals.open('web', 'none', size, zoe), { code: 'terminal.container' })
  state.allowed = false
  await t.rejects(terminals.open('web', 'app', size, zoe), { code: 'terminal.off' })
  t.equal(state.opened.length, 0, 'the engine was never asked')
})

t.test('what is typed reaches the program, what it writes reaches the reader', async (t) => {
  const { state, terminals, endings, read } = rig()
  const opened = await terminals.open('web', 'app', size, zoe)
  t.match(opened, { id: 't1', minion: 'web', service: 'app', container: 'app-web' })
  t.notMatch(state.argv.join(' '), 'web', 'nothing of the request is in what is run')
  const reader = await read(opened.id)
  terminals.type(opened.id, zoe.key, 'ls\r')
  await terminals.resize(opened.id, zoe.key, { rows: 50, columns: 120 })
  await sleep(1)
  t.same(reader.messages, [{ event: 'output', data: Buffer.from('ls\r').toString('base64') }])
  t.same(state.opened[0]?.sizes, [{ rows: 50, columns: 120 }])
  terminals.close(opened.id, zoe.key)
  await reader.over
  t.match(reader.messages.at(-1), { event: 'end', data: { why: 'closed' } })
  t.same(endings, ['zoe web app closed'])
  t.throws(() => terminals.type(opened.id, zoe.key, 'x'), { code: 'terminal.unknown' })
})

t.test('it is its owner’s alone, and has one reader', async (t) => {
  const { terminals, read } = rig()
  const { id } = await terminals.open('web', 'app', size, zoe)
  const other = 'session-2'
  const attempts = [
    () => terminals.type(id, other, 'x'),
    () => terminals.close(id, other),
    () => terminals.output(id, other),
    () => void terminals.resize(id, other, size),
  ]
  for (const attempt of attempts) t.throws(attempt, { code: 'terminal.unknown' })
  const reader = await read(id)
  t.throws(() => terminals.output(id, zoe.key), { code: 'terminal.unknown' })
  reader.leave()
  await reader.over
  t.throws(() => terminals.type(id, zoe.key, 'x'), { code: 'terminal.unknown' }, 'who stops reading has left')
})

t.test('it ends when nobody types, when nobody reads, and when it is switched off', async (t) => {
  const { state, terminals, endings, read } = rig()
  const until = async (count: number) => {
    while (endings.length < count) await sleep(20)
  }
  await terminals.open('web', 'app', size, zoe)
  state.now += UNREAD_MS + 1
  await until(1)
  const second = await terminals.open('web', 'app', size, zoe)
  const reader = await read(second.id)
  state.now += UNREAD_MS + 1
  terminals.type(second.id, zoe.key, 'x')
  state.now += IDLE_MS + 1
  await until(2)
  await reader.over
  t.match(reader.messages.at(-1), { event: 'end', data: { why: 'idle' } })
  await terminals.open('web', 'app', size, zoe)
  state.allowed = false
  await until(3)
  t.same(endings, ['zoe web app idle', 'zoe web app idle', 'zoe web app off'])
  t.same(
    state.opened.map(({ ended }) => ended),
    [1, 1, 1],
  )
})

t.test('a few at once, and none after the daemon', async (t) => {
  const { state, terminals } = rig()
  for (let count = 0; count < AT_ONCE; count++) await terminals.open('web', 'app', size, zoe)
  await t.rejects(terminals.open('web', 'app', size, zoe), { code: 'terminal.many' })
  await terminals.stop()
  t.ok(state.opened.every(({ ended }) => ended === 1))
})

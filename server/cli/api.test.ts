import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createApi } from './api.ts'
import { createDaemon, problem, sendEvents, socketFor } from './daemon.fixture.ts'
import { Refusal } from './refusal.ts'

const refused = async (promise: Promise<unknown>): Promise<Refusal> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('was not refused')
}

t.test('a token is sent to another box, and never over plain HTTP off this machine', async (t) => {
  let seen: unknown
  const server = createServer((request, response) => {
    seen = [request.url, request.headers.authorization]
    response.end('[]')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.same(await createApi({ url, token: 'secret' }).call('GET', '/minions'), [])
  t.same(seen, ['/api/v1/minions', 'Bearer secret'])
  for (const wrong of ['http://kit.example.org', 'ftp://x', 'not a url', 'file:///etc/passwd'])
    t.equal(
      (await refused(createApi({ url: wrong, token: 'secret' }).call('GET', '/minions'))).exitCode,
      2,
      wrong,
    )
})

t.test('lists come under their key', async (t) => {
  const socketPath = socketFor(t)
  const daemon = createDaemon(socketPath, { 'GET /b': { b: [2] }, 'GET /c': { other: [] } })
  await daemon.listen()
  t.teardown(() => daemon.stop())
  const api = createApi({ socketPath })
  t.same(await Promise.all(['b', 'c'].map((key) => api.list(`/${key}`, key))), [[2], []])
})

t.test('what the daemon refuses keeps its place; a silent daemon is told after the time given', async (t) => {
  const socketPath = socketFor(t)
  const daemon = createDaemon(socketPath, {
    'GET /bad': problem(409, 'config.invalid', 'config.yml is not valid', {
      path: 'config.yml',
      line: 3,
      column: 5,
    }),
    'GET /stream': problem(403, 'auth.refused', 'Your role does not allow this'),
    'GET /slow': () => new Promise(() => {}),
    'GET /half': (_: unknown, response: Parameters<typeof sendEvents>[0]) => {
      const sent = sendEvents(response, [['job', { a: 1 }]], true)
      setImmediate(() => response.destroy())
      return sent
    },
  })
  await daemon.listen()
  t.teardown(() => daemon.stop())
  const api = createApi({ socketPath })
  t.match((await refused(api.call('GET', '/bad'))).complaint, { line: 3, column: 5, status: 409 })
  t.match((await refused(api.stream('/stream').next())).complaint, { status: 403 })
  t.match((await refused(api.call('GET', '/slow', undefined, { timeoutMs: 20 }))).complaint, {
    code: 'daemon.unreachable',
  })
  const half = api.stream('/half')
  t.match(await half.next(), { value: { event: 'job' } })
  t.match((await refused(half.next())).complaint, { code: 'daemon.unreachable' })
})

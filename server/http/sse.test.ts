import { request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { SummonerError } from '../errors.ts'
import { positionOf, sendEvents, type SseMessage } from './sse.ts'

type Source = (signal: AbortSignal) => AsyncIterable<SseMessage>

async function serve(t: Test, source: Source, stillAllowed = () => true) {
  const closing = new AbortController()
  const app = Fastify()
  app.decorate('closing', closing.signal)
  app.decorateRequest('stillAllowed', stillAllowed)
  app.get('/', (request, reply) => sendEvents(request, reply, source, 30))
  t.teardown(() => app.close())
  return { app, closing }
}

t.test('messages leave as the standard writes them', async (t) => {
  const { app } = await serve(t, async function* () {
    yield { event: 'job', data: { text: 'a\nb\r\n\u2028é' } }
    yield { event: 'log', id: 7, data: 'x' }
  })
  const { body, headers } = await app.inject('/')
  t.equal(
    body,
    'retry: 2000\n\nevent: job\ndata: {"text":"a\\nb\\r\\n\u2028é"}\n\nevent: log\nid: 7\ndata: "x"\n\n',
  )
  t.match(headers, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
})

t.test('a source that breaks ends as a problem without its insides', async (t) => {
  const known = await serve(t, async function* () {
    yield { event: 'job', data: 1 }
    throw new SummonerError('engine.unreachable', 'It went away.')
  })
  t.match((await known.app.inject('/')).body, /event: problem\ndata: .*engine\.unreachable.*It went away/)
  const unknown = await serve(t, () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('canary')) }),
  }))
  const { body } = await unknown.app.inject('/')
  t.match(body, /event: problem\ndata: .*"code":"internal"/)
  t.notMatch(body, /canary/)
})

t.test('a stream ends when the daemon stops, even if its source does not listen', async (t) => {
  const { app, closing } = await serve(t, () => ({
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
  }))
  const answered = app.inject('/')
  await turn()
  closing.abort()
  t.equal((await answered).body, 'retry: 2000\n\n')
  t.equal((await app.inject('/')).body, 'retry: 2000\n\n', 'nor does one begin')
})

t.test('a stream ends when its credential does', async (t) => {
  let allowed = true
  const { app } = await serve(
    t,
    async function* () {
      yield { event: 'a', data: 1 }
      allowed = false
      yield { event: 'b', data: 2 }
    },
    () => allowed,
  )
  t.equal((await app.inject('/')).body, 'retry: 2000\n\nevent: a\ndata: 1\n\n')
})

t.test('a reader that does not read stops the source instead of filling memory', async (t) => {
  let made = 0
  const { app } = await serve(t, async function* (signal) {
    while (!signal.aborted) {
      made++
      yield { event: 'log', data: 'x'.repeat(10_000) }
    }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const request = httpRequest({ port, host: '127.0.0.1' }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.pause()
  let before = -1
  // Still standing after many turns of the loop: the kernel's buffers are full and nothing more is made.
  for (let quiet = 0; quiet < 200; quiet = made === before ? quiet + 1 : 0) {
    before = made
    for (let turns = 0; turns < 20; turns++) await turn()
  }
  t.ok(made > 10, 'something was sent')
  const stopped = made
  response.resume()
  while (made < stopped + 50) await turn()
  t.pass('reading on makes it go on')
  response.destroy()
})

t.test('positions', async (t) => {
  t.equal(positionOf({ 'last-event-id': '42' }), 42)
  for (const value of [undefined, '', '-1', '1.5', 'x', '9'.repeat(16), ['1', '2'], '1 '])
    t.equal(positionOf({ 'last-event-id': value }), undefined)
})

import t from 'tap'
import { parseEvents } from './sse.ts'

const text =
  'retry: 2000\n\nevent: job\nid: 7\ndata: {"a":1}\n\n:\n\nevent: log\ndata: one\ndata: two\n\ndata:bare\r\n\r\nevent: cut\ndata: off'

async function read(pieces: string[]) {
  async function* chunks() {
    yield* pieces
  }
  const events = []
  for await (const event of parseEvents(chunks())) events.push(event)
  return events
}

t.test('events come out whole however the stream is cut', async (t) => {
  const wanted = [
    { event: 'job', data: '{"a":1}', id: '7' },
    { event: 'log', data: 'one\ntwo', id: '7' },
    { event: 'message', data: 'bare', id: '7' },
  ]
  t.same(await read([text]), wanted)
  t.same(await read(text.split('')), wanted)
  for (let size = 2; size < 20; size++)
    t.same(await read(text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? []), wanted, `pieces of ${size}`)
})

import t from 'tap'
import { createParser } from './sse.ts'

t.test('messages come out whole, however the bytes were cut', (t) => {
  const text =
    ': hello\n\nevent: job\nid: 7\ndata: {"a":1}\n\ndata: one\ndata: two\n\n:\n\nevent: late\ndata: x\n'
  const expected = [
    { event: 'job', id: '7', data: '{"a":1}' },
    { event: 'message', data: 'one\ntwo' },
  ]
  for (let size = 1; size <= text.length; size++) {
    const parse = createParser()
    const found = []
    for (let at = 0; at < text.length; at += size) found.push(...parse(text.slice(at, at + size)))
    t.same(found, expected, `pieces of ${size}`)
  }
  t.end()
})

t.test('an id belongs to its own message only', (t) => {
  const parse = createParser()
  t.same(parse('id: 1\ndata: a\n\ndata: b\n\n'), [
    { event: 'message', id: '1', data: 'a' },
    { event: 'message', data: 'b' },
  ])
  t.end()
})

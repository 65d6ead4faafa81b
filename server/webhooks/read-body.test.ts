import { PassThrough } from 'node:stream'
import t from 'tap'
import { createBodyReader } from './read-body.ts'

t.test('a body is bounded in size, in time, and together with the others', async (t) => {
  const read = createBodyReader({ budget: 100, slowestMs: 20 })
  const fed = (...pieces: string[]) => {
    const stream = new PassThrough()
    for (const piece of pieces) stream.write(piece)
    return stream
  }
  const whole = fed('ab', 'c')
  whole.end()
  t.equal(String(await read(whole, 3)), 'abc')
  await t.rejects(read(fed('abcd'), 3), { code: 'request.too-large' })
  await t.rejects(read(fed('a'), 3), { code: 'hook.slow' })

  const held = fed('x'.repeat(80))
  const first = read(held, 90)
  await new Promise(setImmediate)
  await t.rejects(read(fed('x'.repeat(30)), 90), { code: 'hook.busy' }, 'no room beside the first')
  held.end()
  t.equal((await first).length, 80)
  const after = fed('x'.repeat(90))
  after.end()
  t.equal((await read(after, 90)).length, 90, 'what was held is free again')

  const cut = fed('x')
  const broken = read(cut, 90)
  cut.destroy()
  await t.rejects(broken, { code: 'request.malformed' })
})

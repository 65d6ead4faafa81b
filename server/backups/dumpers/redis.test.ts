import t from 'tap'
import { redis, withoutMark } from './redis.ts'

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const snapshot = Buffer.concat([
  Buffer.from('REDIS0012'),
  Buffer.alloc(500, 7),
  Buffer.from([0xff, 1, 2, 3, 4, 5, 6, 7, 8]),
])
const mark = Buffer.from('0123456789abcdef0123456789abcdef01234567')

t.test('the mark behind a snapshot goes, and nothing else', async (t) => {
  for (const size of [1, 7, 39, 40, 41, 1000])
    for (const sent of [snapshot, Buffer.concat([snapshot, mark])]) {
      const out: Buffer[] = []
      for await (const chunk of withoutMark(pieces(sent, size))) out.push(chunk)
      t.ok(Buffer.concat(out).equals(snapshot), `in pieces of ${size}`)
    }
})
t.test('a snapshot is whole or it is not', async (t) => {
  const edges = (bytes: Buffer) => ({ head: bytes.subarray(0, 4096), tail: bytes.subarray(-4096) })
  t.equal(redis.incomplete(edges(snapshot)), undefined)
  t.match(redis.incomplete(edges(snapshot.subarray(0, -1))), /end/)
  t.match(redis.incomplete(edges(snapshot.subarray(1))), /begin/)
})

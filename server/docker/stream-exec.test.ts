import t from 'tap'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStreamExec } from './stream-exec.ts'

const setUp = (t: { testdir(): string }) => {
  const runDir = join(t.testdir(), 'children')
  return { runDir, streams: createStreamExec({ runDir, network: {}, redact: (text) => text }) }
}
const all = async (source: AsyncIterable<Buffer>) => {
  const chunks: Buffer[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

t.test('reads bytes as they are, and the exit code with the last words', async (t) => {
  const { streams, runDir } = setUp(t)
  const bytes = await all(streams.read(['head', '-c', '3000000', '/dev/zero']))
  t.equal(bytes.length, 3_000_000)
  await t.rejects(all(streams.read(['sh', '-c', 'echo part; echo why >&2; exit 3'])), {
    code: 'exec.failed',
    message: /code 3: why/,
  })
  await t.rejects(all(streams.read(['no-such-program-here'])), {
    code: 'exec.failed',
    message: /not installed/,
  })
  t.same(readdirSync(runDir), [])
})

t.test('who stops reading ends the program', async (t) => {
  const { streams, runDir } = setUp(t)
  for await (const chunk of streams.read(['cat', '/dev/zero'])) {
    t.ok(chunk.length > 0)
    break
  }
  t.same(readdirSync(runDir), [])
  const cancel = new AbortController()
  const reading = all(streams.read(['sleep', '30'], { signal: cancel.signal }))
  cancel.abort()
  await t.rejects(reading, { code: 'job.cancelled' })
})

t.test('feeds bytes, and takes no part for the whole', async (t) => {
  const { streams, runDir } = setUp(t)
  const zeros = async function* () {
    for (let count = 0; count < 100; count++) yield Buffer.alloc(100_000)
  }
  t.equal((await streams.feed(['wc', '-c'], zeros())).stdout.trim(), '10000000')
  const file = join(t.testdirName, 'seen')
  const broken = async function* () {
    yield Buffer.from('half')
    await sleep(20)
    throw new Error('the disk cannot be read')
  }
  await t.rejects(streams.feed(['sh', '-c', 'cat >/dev/null; echo done > "$0"', file], broken()), {
    message: 'the disk cannot be read',
  })
  t.notOk(existsSync(file), 'the program never saw an end')
  await t.rejects(streams.feed(['sh', '-c', 'echo refused >&2; exit 1'], zeros()), {
    code: 'exec.failed',
    message: /code 1: refused/,
  })
  t.same(readdirSync(runDir), [])
})

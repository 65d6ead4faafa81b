import t from 'tap'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SummonerError } from '../errors.ts'
import { checkDumpFile, contentOf, readLabel, writeDumpFile } from './dump-file.ts'
import type { DumpLabel } from './dump.ts'

const signal = new AbortController().signal
const quiet = { signal, onProgress: () => {} }
const LABEL: Omit<DumpLabel, 'packed' | 'packedSha256' | 'content'> = {
  minion: 'blog',
  service: 'db',
  engine: 'mariadb',
  database: 'blog',
  at: '2026-11-21T02:00:00.000Z',
  seconds: 1.5,
  version: '11.8.2-MariaDB',
  image: 'mariadb:11.8',
  imageId: 'sha256:1',
  portable: false,
}
const label = ({ content }: { content: number }) => ({ ...LABEL, content })
async function* pieces(...texts: (string | Buffer)[]) {
  for (const text of texts) yield Buffer.from(text)
}
const check = async (file: string) => checkDumpFile(file, await readLabel(file), quiet)

t.test('what was written is read, by us and by zstd', async (t) => {
  const dir = t.testdir()
  const file = join(dir, 'blog/one-dump.sql.zst')
  const big = randomBytes(300_000)
  const taken = await writeDumpFile(file, pieces('-- begin\n', big, '-- end\n'), { ...quiet, label })
  const whole = Buffer.concat([Buffer.from('-- begin\n'), big, Buffer.from('-- end\n')])
  t.equal(taken.content, whole.length)
  t.equal(taken.sha256, createHash('sha256').update(readFileSync(file)).digest('hex'))
  const record = await readLabel(file)
  t.match(taken, { ...record })
  t.match(record, { ...LABEL, file: 'one-dump.sql.zst', bytes: readFileSync(file).length })
  const edges = await check(file)
  t.equal(edges.head.length, 4096)
  t.equal(edges.head.toString('latin1', 0, 9), '-- begin\n')
  t.equal(edges.tail.length, 4096)
  t.equal(edges.tail.toString('latin1').slice(-7), '-- end\n')
  const read: Buffer[] = []
  for await (const chunk of contentOf(file, record)) read.push(chunk)
  t.ok(Buffer.concat(read).equals(whole))
  t.ok(execFileSync('zstd', ['-dcq', file]).equals(whole), 'by hand')
})

t.test('every flipped bit and every cut is found', async (t) => {
  const file = join(t.testdir(), 'one-dump.sql.zst')
  const lines = Array.from({ length: 400 }, (_, index) => `INSERT INTO t VALUES (${index * 7919});\n`)
  await writeDumpFile(file, pieces(...lines), { ...quiet, label })
  const good = readFileSync(file)
  let found = 0
  const step = Math.max(1, Math.floor((good.length * 8) / 200))
  let tried = 0
  for (let bit = 0; bit < good.length * 8; bit += step) {
    const bad = Buffer.from(good)
    bad[bit >> 3]! ^= 1 << (bit & 7)
    writeFileSync(file, bad)
    tried++
    const error = await check(file).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (error instanceof SummonerError && ['dump.damaged', 'dump.foreign'].includes(error.code)) found++
    else t.fail(`bit ${bit} of ${good.length * 8}: ${String(error)}`)
  }
  t.equal(found, tried)
  for (const length of [0, 3, 40, 100, good.length - 100, good.length - 1]) {
    writeFileSync(file, good)
    truncateSync(file, length)
    await t.rejects(check(file), { name: 'SummonerError' }, `cut to ${length}`)
  }
  writeFileSync(file, Buffer.concat([good, Buffer.from('x')]))
  await t.rejects(check(file), { code: 'dump.damaged' }, 'something behind it')
  writeFileSync(file, 'CREATE TABLE t (a int);\n'.repeat(20))
  await t.rejects(readLabel(file), { code: 'dump.foreign' })
  execFileSync('zstd', ['-qf', '-o', file, new URL(import.meta.url).pathname])
  await t.rejects(readLabel(file), { code: 'dump.damaged', message: /not written by Summoner/ })
})

t.test('a failure, a refusal and a cancel leave nothing', async (t) => {
  const dir = t.testdir()
  const file = join(dir, 'one-dump.sql.zst')
  const broken = async function* () {
    yield Buffer.from('begin')
    throw new SummonerError('exec.failed', 'the program ended with code 2')
  }
  await t.rejects(writeDumpFile(file, broken(), { ...quiet, label }), { code: 'exec.failed' })
  await t.rejects(
    writeDumpFile(file, pieces('no trailer'), {
      ...quiet,
      label: () => {
        throw new SummonerError('dump.failed', 'not whole')
      },
    }),
    { code: 'dump.failed' },
  )
  const cancel = new AbortController()
  const endless = async function* () {
    for (;;) yield randomBytes(1000)
  }
  setTimeout(() => cancel.abort(), 20)
  await t.rejects(writeDumpFile(file, endless(), { ...quiet, signal: cancel.signal, label }))
  t.same(readdirSync(dir), [])
})

const noFull = existsSync('/dev/full') ? false : 'this machine has no /dev/full'
t.test('a full disk is an error of the disk', { skip: noFull }, async (t) => {
  const file = join(
    t.testdir({ 'one-dump.sql.zst.tmp': t.fixture('symlink', '/dev/full') }),
    'one-dump.sql.zst',
  )
  await t.rejects(writeDumpFile(file, pieces(randomBytes(100_000)), { ...quiet, label }), { code: 'ENOSPC' })
  t.notOk(existsSync(file))
})

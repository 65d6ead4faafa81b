import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { writeArchive } from './archive.ts'

const signal = new AbortController().signal

t.test('owners, modes, empty folders and links are kept; sockets and pipes do not stop it', async (t) => {
  const dir = t.testdir({
    data: {
      db: { 'rows.ibd': 'rows' },
      empty: {},
      absolute: t.fixture('symlink', '/etc/passwd'),
      elsewhere: t.fixture('symlink', '/usr'),
    },
    out: {},
  })
  const rows = join(dir, 'data/db/rows.ibd')
  chmodSync(rows, 0o640)
  if (process.getuid?.() === 0) chownSync(rows, 999, 33)
  execFileSync('mkfifo', [join(dir, 'data/pipe')])
  // the folder of a test is too long for a socket's path
  const server = createServer()
  const here = process.cwd()
  process.chdir(join(dir, 'data'))
  await new Promise<void>((listening) => server.listen('socket', listening))
  process.chdir(here)
  const file = join(dir, 'out/kept.tar.gz')
  const progress: number[] = []
  const bytes = await writeArchive(file, [{ path: join(dir, 'data'), name: 'volumes' }], {
    signal,
    onProgress: (done) => progress.push(done),
  })
  await new Promise((closed) => server.close(closed))

  t.equal(bytes, statSync(file).size)
  t.ok(progress.length > 0)
  const back = join(dir, 'out')
  execFileSync('tar', ['-xpzf', file, '-C', back])
  const kept = statSync(join(back, 'volumes/db/rows.ibd'))
  const { uid, gid } = statSync(rows)
  t.same([kept.uid, kept.gid, kept.mode & 0o777], [uid, gid, 0o640])
  t.equal(readFileSync(join(back, 'volumes/db/rows.ibd'), 'utf8'), 'rows')
  t.ok(statSync(join(back, 'volumes/empty')).isDirectory())
  const links = execFileSync('tar', ['-tvzf', file], { encoding: 'utf8' })
  t.match(links, /absolute -> \/etc\/passwd/u)
  t.match(links, /elsewhere -> \/usr$/mu)
  t.notOk(lstatSync(join(back, 'volumes/pipe'), { throwIfNoEntry: false }))
})

t.test('names that are not UTF-8 are kept too', async (t) => {
  const dir = t.testdir({ data: {}, out: {} })
  const strange = Buffer.concat([Buffer.from(join(dir, 'data/name-')), Buffer.from([0xff, 0xfe])])
  mkdirSync(strange)
  writeFileSync(Buffer.concat([strange, Buffer.from('/é')]), 'inside')
  writeFileSync(Buffer.concat([strange, Buffer.from([0x80])]), 'beside')
  symlinkSync('nowhere', Buffer.concat([strange, Buffer.from('-link')]))
  const file = join(dir, 'kept.tar.gz')
  await writeArchive(file, [{ path: join(dir, 'data'), name: 'data' }], { signal, onProgress: () => {} })
  execFileSync('tar', ['-xzf', file, '-C', join(dir, 'out')])
  const back = join(dir, 'out/data')
  t.same(readdirSync(back).sort(), ['name-ÿþ', 'name-ÿþ-link', 'name-ÿþ\u0080'])
  t.equal(readFileSync(join(back, 'name-ÿþ/é'), 'utf8'), 'inside')
  t.equal(readFileSync(join(back, 'name-ÿþ\u0080'), 'utf8'), 'beside')
  t.equal(readlinkSync(join(back, 'name-ÿþ-link')), 'nowhere')
})

t.test('nothing is left of an archive that was cut short', async (t) => {
  const dir = t.testdir({ data: { a: 'a' } })
  const file = join(dir, 'kept.tar.gz')
  const folders = [{ path: join(dir, 'data'), name: 'volumes' }]
  const options = { signal: AbortSignal.abort(), onProgress: () => {} }
  await t.rejects(writeArchive(file, folders, options))
  await t.rejects(writeArchive(file, [{ path: join(dir, 'missing'), name: 'x' }], { ...options, signal }))
  t.notOk(existsSync(file))
  t.notOk(existsSync(`${file}.tmp`))
})

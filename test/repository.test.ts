/** With the real restic, on folders of the test. */
import t, { type Test } from 'tap'
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createExec } from '../server/docker/exec.ts'
import { createRepository, type RepositoryDeps } from '../server/backups/repository.ts'

function setUp(t: Test, change: Partial<RepositoryDeps> = {}) {
  const dir = t.testdir({ source: { a: 'one', b: 'two', 'odd [*] name?': 'three' }, password: 'correct\n' })
  const exec = createExec({ runDir: join(dir, 'children'), network: {}, redact: (text) => text })
  const location = join(dir, 'repository')
  const deps = {
    exec,
    location,
    passwordFile: join(dir, 'password'),
    cacheDir: join(dir, 'cache'),
    ...change,
  }
  return { dir, location, source: join(dir, 'source'), deps, repository: createRepository(deps) }
}

t.test('made once; a copy, a document, and both back', async (t) => {
  const { repository, source, dir } = setUp(t)
  await repository.ensure()
  await repository.ensure()
  const copy = await repository.copy({ paths: [source], tags: { part: 'data', minion: 'x' } })
  t.match(copy, { files: 3, bytes: 11, complete: true, snapshot: /^[0-9a-f]{8,64}$/ })
  const again = await repository.copy({
    paths: [source],
    tags: { part: 'data', minion: 'y' },
    parent: copy.snapshot,
  })
  t.ok(again.added < copy.added, 'what is there already is not written again')
  t.same(
    (await repository.snapshots({ minion: 'x', part: 'data' })).map(({ id }) => id.startsWith(copy.snapshot)),
    [true],
    'both tags must fit',
  )
  const kept = await repository.keep('m.json', '{"a":1}\n', { part: 'manifest' })
  t.equal(await repository.read(kept, 'm.json'), '{"a":1}\n')
  await repository.restore({ snapshot: copy.snapshot, target: join(dir, 'back') })
  t.equal(readFileSync(join(dir, 'back', source, 'b'), 'utf8'), 'two')
  await repository.restore({
    snapshot: copy.snapshot,
    target: join(dir, 'part'),
    include: [join(source, 'odd [*] name?')],
  })
  t.same(readdirSync(join(dir, 'part', source)), ['odd [*] name?'], 'a path is no pattern')
  t.same(
    (await repository.list(copy.snapshot, source)).map(({ name, size }) => [name, size]),
    [
      ['a', 3],
      ['b', 3],
      ['odd [*] name?', 5],
    ],
  )
  await repository.forget([copy.snapshot])
  await repository.prune()
  await repository.check(true)
  t.equal((await repository.snapshots({ part: 'data' })).length, 1)
})

t.test('the first two users of a box make one repository', async (t) => {
  const { repository, deps, source } = setUp(t)
  await Promise.all([repository.ensure(), repository.ensure()])
  const copy = await repository.copy({ paths: [source], tags: {} })
  t.equal((await createRepository(deps).snapshots({})).length, 1)
  t.ok(copy.complete)
})

t.test('a file that cannot be read fails a copy, and not a head start', async (t) => {
  const { repository, source } = setUp(t)
  await repository.ensure()
  // reading the memory of a process at address 0 fails as a broken disk does
  for (const [path, message] of [
    [join(source, 'gone'), /gone: it is not there/],
    ['/proc/self/mem', /EIO/],
  ] as const) {
    const request = { paths: [source, path], tags: { part: 'warm' } }
    t.equal((await repository.copy({ ...request, warm: true })).complete, false)
    await t.rejects(repository.copy(request), { code: 'backup.unread', message })
  }
})

t.test('a disk that refuses is not asked for a quarter of an hour', async (t) => {
  const { repository, source, location } = setUp(t)
  await repository.ensure()
  rmSync(join(location, 'data'), { recursive: true })
  writeFileSync(join(location, 'data'), 'no folder')
  await t.rejects(repository.copy({ paths: [source], tags: { part: 'data' } }), {
    message: /not a directory/,
  })
})

t.test('refusals: another password, nothing there, damage', async (t) => {
  const { repository, deps, dir, source, location } = setUp(t)
  await t.rejects(repository.open(), { code: 'repository.missing', message: /repository/ })
  t.notOk(existsSync(location), 'asking makes nothing')
  await repository.ensure()
  await repository.copy({ paths: [source], tags: { part: 'data' } })
  writeFileSync(join(dir, 'wrong'), 'other\n')
  const stranger = createRepository({ ...deps, passwordFile: join(dir, 'wrong') })
  await t.rejects(stranger.ensure(), { code: 'repository.password' })
  await t.rejects(stranger.open(), { code: 'repository.password' })
  t.equal((await repository.snapshots()).length, 1, 'nothing was made anew')
  const data = join(location, 'data')
  const pack = readdirSync(data, { recursive: true, encoding: 'utf8' }).find((name) =>
    statSync(join(data, name)).isFile(),
  )!
  const bytes = readFileSync(join(data, pack))
  bytes[bytes.length >> 1]! ^= 1
  rmSync(join(data, pack))
  writeFileSync(join(data, pack), bytes)
  await t.rejects(repository.check(true), { code: 'repository.damaged' })
})

t.test('made once, however many ask for it at the same time', async (t) => {
  const { repository, location } = setUp(t)
  await Promise.all([repository.ensure(), repository.ensure(), repository.ensure()])
  t.equal(readdirSync(join(location, 'keys')).length, 1)
  await repository.check(false)
})

t.test('what an init left that was cut short is made whole', async (t) => {
  const { repository, location } = setUp(t)
  mkdirSync(join(location, 'keys'), { recursive: true })
  await repository.ensure()
  await repository.check(false)
})

t.test('a lock of a killed restic is cleared, one of a living restic is not', async (t) => {
  const { repository, deps, dir, source, location } = setUp(t)
  await repository.ensure()
  mkdirSync(join(dir, 'pipe'))
  // waits for its input for ever, and holds its lock meanwhile
  const holder = spawn(
    'restic',
    ['-r', location, '-p', deps.passwordFile, '--no-cache', 'backup', '--stdin', '--stdin-filename', 'x'],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  )
  const locks = () => readdirSync(join(location, 'locks'))
  for (let tries = 0; locks().length === 0 && tries < 200; tries++) await sleep(50)
  t.equal(locks().length, 1)
  await t.rejects(repository.check(false), { code: 'repository.locked' })
  t.ok(
    (await repository.copy({ paths: [source], tags: { part: 'data' } })).complete,
    'copies go side by side',
  )
  holder.kill('SIGKILL')
  await new Promise((resolve) => holder.once('exit', resolve))
  t.equal(locks().length, 1, 'the dead one left it')
  await repository.check(false)
  t.same(locks(), [])
})

t.test('a lock of a restic that nobody has buried yet is cleared too', async (t) => {
  const { repository, deps, location } = setUp(t)
  await repository.ensure()
  const argv = ['restic', '-r', location, '-p', deps.passwordFile, '--no-cache', 'backup', '--stdin']
  // the shell becomes a program that waits for no child: a killed restic stays a zombie, as under a slow init
  const line = `${argv.join(' ')} <&3 & echo $!; exec sleep 60`
  const parent = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] })
  t.teardown(() => parent.kill('SIGKILL'))
  const pid = await new Promise<number>((resolve) => {
    parent.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())))
  })
  while (readdirSync(join(location, 'locks')).length === 0) await sleep(50)
  process.kill(pid, 'SIGKILL')
  await sleep(200)
  t.match(readFileSync(`/proc/${pid}/stat`, 'utf8'), / Z /, 'it is a zombie')
  await repository.prune()
  t.same(readdirSync(join(location, 'locks')), [])
})

t.test('a copy that is moved opens elsewhere', async (t) => {
  const { repository, deps, dir, source, location } = setUp(t)
  await repository.ensure()
  const { snapshot } = await repository.copy({ paths: [source], tags: { part: 'data' } })
  cpSync(location, join(dir, 'moved'), { recursive: true })
  const moved = createRepository({ ...deps, location: join(dir, 'moved') })
  await moved.open()
  t.ok((await moved.snapshots({ part: 'data' }))[0]?.id.startsWith(snapshot))
})

import { fork } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createConfigFile, etagOf, type ConfigFileDeps } from './config-file.ts'
import { addApplication, removeApplication, setApplicationState, setDomain } from './edits.ts'

const text = 'summoner:\n  domain: a.example # mine\n  applications: ghost\n'

function box(t: Test, more: Partial<ConfigFileDeps> = {}) {
  const folder = t.testdir({})
  const path = join(folder, 'config.yml')
  const previousDir = join(folder, 'previous')
  writeFileSync(path, text)
  let moment = 0
  const deps: ConfigFileDeps = {
    path,
    home: '/home/ada',
    previousDir,
    clock: () => new Date(moment++),
    ...more,
  }
  const versions = () => readdirSync(previousDir).sort()
  return {
    folder,
    path,
    previousDir,
    versions,
    deps,
    file: createConfigFile(deps),
    now: () => readFileSync(path, 'utf8'),
  }
}

t.test('reads', async (t) => {
  const { file } = box(t)
  const version = file.read()
  t.equal(version.text, text)
  t.equal(version.etag, etagOf(text))
  t.match(version.etag, /^"[0-9a-f]{32}"$/)
  t.equal(version.config.domain, 'a.example')
  t.throws(
    () => version.config.applications.push(version.config.applications[0]!),
    TypeError,
    'shared, so frozen',
  )
})

t.test('hand edits are seen at once, and kept by the next edit', async (t) => {
  const { file, path, now } = box(t)
  file.read()
  writeFileSync(path, text.replace('mine', 'my own').replace('ghost', 'ghost wekan'))
  t.equal(file.read().config.applications.length, 3)
  await file.edit(addApplication({ name: 'chat' }))
  t.equal(now(), 'summoner:\n  domain: a.example # my own\n  applications: ghost wekan chat\n')
})

t.test('a missing, unreadable or binary file', async (t) => {
  const { file, path } = box(t)
  writeFileSync(path, Buffer.from([0x61, 0x0a, 0x62, 0xff, 0xfe]))
  t.throws(() => file.read(), { code: 'config.invalid', at: { path, line: 2, column: 2 } })
  rmSync(path)
  t.throws(() => file.read(), { code: 'config.unreadable', status: 409 })
  await t.rejects(file.edit(setDomain('b.example')), { code: 'config.unreadable' })
  await t.rejects(file.replace(text, '"x"'), { code: 'config.unreadable' })
  t.notOk(existsSync(path), 'an edit makes no file')
  mkdirSync(path)
  t.throws(() => file.read(), { code: 'config.unreadable' })
  t.same(readdirSync(join(path, '..')), ['config.yml'], 'no lock, no rest')
})

t.test('an invalid file can be read as text and repaired', async (t) => {
  const { file, path, now } = box(t)
  const broken = text.replace('domain', 'domian')
  writeFileSync(path, broken)
  t.throws(() => file.read(), { code: 'config.invalid' })
  const shown = file.readText()
  t.match(shown, {
    text: broken,
    etag: etagOf(broken),
    problem: { code: 'config.invalid', line: 2, column: 3 },
  })
  await t.rejects(file.edit(addApplication({ name: 'x' })), { code: 'config.invalid', status: 409 })
  t.equal(now(), broken)
  await file.replace(text, shown.etag)
  t.equal(now(), text)
})

t.test('replacing needs the version that was edited', async (t) => {
  const { file, now } = box(t)
  const { etag } = file.read()
  const next = text.replace('ghost', 'wekan')
  await t.rejects(file.replace(next, undefined), { code: 'config.precondition', status: 428 })
  await t.rejects(file.replace(next, '"0"'), { code: 'config.stale', status: 412 })
  await t.rejects(file.replace('summoner: 1', etag), { code: 'config.invalid' })
  t.equal(now(), text)
  const version = await file.replace(next, etag)
  t.equal(version.etag, etagOf(next))
  t.equal(now(), next)
  await t.rejects(file.replace(text, etag), { code: 'config.stale' }, 'the old tag is spent')
  await file.replace(text, '*')
  t.equal(now(), text)
})

t.test('nothing is written when nothing changes', async (t) => {
  const written: string[] = []
  const { file, path, versions } = box(t, { onWritten: ({ text }) => written.push(text) })
  const before = statSync(path)
  await file.edit(setDomain('a.example'), setApplicationState('ghost', 'running'))
  await file.replace(text, file.read().etag)
  const after = statSync(path)
  t.same([after.ino, after.mtimeMs], [before.ino, before.mtimeMs])
  t.throws(versions, { code: 'ENOENT' })
  t.same(written, [])
  await file.edit(addApplication({ name: 'x' }), addApplication({ name: 'y' }))
  t.equal(written.length, 1, 'one write for several edits')
  t.equal(versions().length, 1)
})

t.test('several edits are all or nothing', async (t) => {
  const { file, now } = box(t)
  await t.rejects(file.edit(addApplication({ name: 'x' }), removeApplication('nobody')), {
    code: 'minion.unknown',
  })
  t.equal(now(), text)
})

t.test('mode, link and previous versions', async (t) => {
  const { file, folder, path, previousDir, versions, deps } = box(t)
  chmodSync(path, 0o640)
  for (let count = 0; count < 25; count++) await file.edit(setDomain(`d${count}.example`))
  t.equal(statSync(path).mode & 0o777, 0o640)
  t.equal(versions().length, 20, 'the last 20')
  t.match(readFileSync(join(previousDir, versions().at(-1)!), 'utf8'), /d23\.example/)
  t.match(readFileSync(join(previousDir, versions()[0]!), 'utf8'), /d4\.example/)
  t.equal(statSync(join(previousDir, versions()[0]!)).mode & 0o777, 0o600)

  const link = join(folder, 'link.yml')
  symlinkSync('config.yml', link)
  await createConfigFile({ ...deps, path: link }).edit(setDomain('linked.example'))
  t.ok(lstatSync(link).isSymbolicLink())
  t.match(readFileSync(path, 'utf8'), /linked\.example/)
  t.same(readdirSync(folder).sort(), ['config.yml', 'link.yml', 'previous'])
})

t.test('two changes at one instant keep two versions', async (t) => {
  const { file, versions } = box(t, { clock: () => new Date(0) })
  await file.edit(setDomain('b.example'))
  await file.edit(setDomain('c.example'))
  t.equal(versions().length, 2)
})

t.test('edits at the same time come one after the other', async (t) => {
  const { file, deps, now } = box(t)
  const other = createConfigFile(deps)
  const names = Array.from({ length: 12 }, (_, index) => `app${index}`)
  await Promise.all(names.map((name, index) => (index % 2 ? file : other).edit(addApplication({ name }))))
  t.same(
    file
      .read()
      .config.applications.map(({ name }) => name)
      .sort(),
    ['ghost', 'nginx', ...names].sort(),
  )
  t.match(now(), /^summoner:\n {2}domain: a\.example # mine\n {2}applications: ghost [a-z0-9 ]+\n$/)
  const outcomes = await Promise.allSettled([
    file.edit(addApplication({ name: 'same' })),
    other.edit(addApplication({ name: 'same' })),
  ])
  t.same(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

t.test("two processes do not lose each other's edits", async (t) => {
  const { folder, path, previousDir, file } = box(t)
  const script = join(folder, 'child.ts')
  const room = import.meta.dirname
  writeFileSync(
    script,
    `import { createConfigFile } from ${JSON.stringify(join(room, 'config-file.ts'))}
     import { addApplication } from ${JSON.stringify(join(room, 'edits.ts'))}
     const [path, previousDir, prefix] = process.argv.slice(2)
     const file = createConfigFile({ path, previousDir, home: '/', clock: () => new Date() })
     for (let count = 0; count < 10; count++) await file.edit(addApplication({ name: prefix + count }))`,
  )
  const children = ['a', 'b', 'c'].map((prefix) =>
    fork(script, [path, previousDir, prefix], { stdio: 'inherit' }),
  )
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as unknown))
  t.same(codes, [0, 0, 0])
  t.equal(file.read().config.applications.length, 32)
  t.notOk(existsSync(`${path}.lock`))
})

t.test('killed at any instant, the file is whole and the next one goes on', async (t) => {
  const { folder, path, previousDir, file, now } = box(t)
  const script = join(folder, 'child.ts')
  const room = import.meta.dirname
  writeFileSync(
    script,
    `import { createConfigFile } from ${JSON.stringify(join(room, 'config-file.ts'))}
     import { setDomain } from ${JSON.stringify(join(room, 'edits.ts'))}
     const [path, previousDir] = process.argv.slice(2)
     const file = createConfigFile({ path, previousDir, home: '/', clock: () => new Date() })
     for (let count = 0; ; count++) {
       await file.edit(setDomain('d' + count + '.example'))
       if (count === 0) process.send('started')
     }`,
  )
  for (let round = 0; round < 6; round++) {
    const child = fork(script, [path, previousDir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    await once(child, 'message')
    const wait = Math.random() * 60
    t.comment(`killed after ${wait} ms`)
    await setTimeout(wait)
    child.kill('SIGKILL')
    await once(child, 'exit')
    t.match(now(), /^summoner:\n {2}domain: d\d+\.example # mine\n {2}applications: ghost\n$/)
    await file.edit(setDomain('a.example'))
    t.equal(now(), text)
    t.same(readdirSync(folder).sort(), ['child.ts', 'config.yml', 'previous'])
  }
})

t.test('a lock of a process that died is taken over', async (t) => {
  const { file, path, folder, now } = box(t)
  writeFileSync(`${path}.lock`, '4194305 1')
  await file.edit(setDomain('b.example'))
  t.match(now(), /b\.example/)
  writeFileSync(`${path}.lock`, `${process.pid} 1`)
  await file.edit(setDomain('c.example'))
  t.match(now(), /c\.example/, 'its pid came again, with another start')
  writeFileSync(`${path}.lock`, '')
  await file.edit(setDomain('d.example'))
  t.match(now(), /d\.example/)
  t.same(readdirSync(folder).sort(), ['config.yml', 'previous'])
})

t.test('a disk that is full or read-only leaves the file', async (t) => {
  const failures: [code: string, message: RegExp][] = [
    ['ENOSPC', /disk is full/],
    ['EROFS', /read-only/],
    ['EDQUOT', /quota/],
  ]
  for (const [code, message] of failures) {
    const { deps, file, now } = box(t, {
      writeFile: () => {
        throw Object.assign(new Error(`${code}: write`), { code })
      },
    })
    await t.rejects(file.edit(setDomain('b.example')), { code: 'config.write', status: 507, message })
    await t.rejects(file.replace('summoner: {domain: c.example}', file.read().etag), { code: 'config.write' })
    t.equal(now(), text)
    t.equal(file.read().config.domain, 'a.example', 'what failed is not believed')
    t.notOk(existsSync(`${deps.path}.lock`))
  }
})

t.test('where not even the lock can be written', async (t) => {
  const path = '/proc/version'
  const { deps } = box(t)
  const file = createConfigFile({ ...deps, path })
  const before = readFileSync(path, 'utf8')
  await t.rejects(file.replace(text, etagOf(before)), { code: 'config.write', message: /was not changed/ })
  t.equal(readFileSync(path, 'utf8'), before)
})

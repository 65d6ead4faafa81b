import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { readInstance, readKept } from './read-instance.ts'
import { render } from './render.ts'
import type { ComposeFile } from './template.ts'
import { composeText, renderInput, template } from './two-services.fixture.ts'
import { acceptInstance, restorePrevious, writeInstance } from './write-instance.ts'

function box(t: Test) {
  const root = t.testdir({
    template: {
      'compose.yml': composeText,
      'minion.yml': 'name: my-blog\n',
      setup: { 'run.sh': '#!/bin/sh\n', deep: { 'a.txt': 'a' } },
    },
    minions: {},
  })
  chmodSync(join(root, 'template/setup/run.sh'), 0o755)
  const of = { ...template(parse(composeText) as ComposeFile), dir: join(root, 'template') }
  const dir = join(root, 'minions/blog')
  const write = (title = 'News') => {
    const input = renderInput(of, { application: { env: { TITLE: title } }, kept: readKept(dir) })
    return writeInstance({ dir, template: of, rendered: render(input), instance: input.instance })
  }
  return { root, dir, write }
}

const mode = (path: string) => statSync(path).mode & 0o777
const snapshot = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path, readFileSync(path, 'utf8'), statSync(path).ino, statSync(path).mtimeMs]
    })

t.test('everything is there, closed to others, mounted files readable', async (t) => {
  const { dir, write } = box(t)
  t.equal(await write(), true)
  t.strictSame(readdirSync(dir).toSorted(), [
    '.env',
    'compose.override.yml',
    'compose.yml',
    'instance.json',
    'minion.yml',
    'setup',
  ])
  t.equal(readFileSync(join(dir, 'compose.yml'), 'utf8'), composeText)
  t.equal(mode(dir), 0o700)
  for (const name of ['.env', 'compose.override.yml', 'instance.json'])
    t.equal(mode(join(dir, name)), 0o600, name)
  t.equal(mode(join(dir, 'setup')), 0o755)
  t.equal(mode(join(dir, 'setup/run.sh')), 0o755)
  t.equal(mode(join(dir, 'setup/deep/a.txt')), 0o644)
  t.match(readInstance(dir), {
    template: 'my-blog',
    images: 'registry',
    subnets: { default: '10.213.0.16/28' },
  })
  t.equal(readKept(dir)['TITLE'], 'News')
})

t.test('a second time nothing is touched', async (t) => {
  const { dir, write } = box(t)
  await write()
  const before = snapshot(dir)
  t.equal(await write(), false)
  t.strictSame(snapshot(dir), before)
})

t.test('only what changed is written again, foreign files stay, removed files go', async (t) => {
  const { root, dir, write } = box(t)
  await write()
  writeFileSync(join(dir, 'applied.json'), '{}')
  writeFileSync(join(dir, 'setup/by-the-app'), 'data')
  const untouched = statSync(join(dir, 'compose.yml')).ino
  rmSync(join(root, 'template/setup/deep'), { recursive: true })
  t.equal(await write('Other'), true)
  t.equal(statSync(join(dir, 'compose.yml')).ino, untouched)
  t.notOk(existsSync(join(dir, 'setup/deep')))
  t.ok(existsSync(join(dir, 'applied.json')))
  t.ok(existsSync(join(dir, 'setup/by-the-app')))
})

t.test('taking a change back, once', async (t) => {
  const { root, dir, write } = box(t)
  await write('First')
  await acceptInstance(dir)
  writeFileSync(join(root, 'template/setup/new.txt'), 'new')
  rmSync(join(root, 'template/setup/deep'), { recursive: true })
  await write('Second')
  await restorePrevious(dir)
  t.equal(readKept(dir)['TITLE'], 'First')
  t.notOk(existsSync(join(dir, 'setup/new.txt')))
  t.ok(existsSync(join(dir, 'setup/deep/a.txt')))
  t.equal(mode(join(dir, 'setup/run.sh')), 0o755)
  writeFileSync(join(dir, '.env'), "TITLE='by hand'\n")
  await restorePrevious(dir)
  t.equal(readKept(dir)['TITLE'], 'by hand', 'there is nothing to take back twice')
  t.strictSame(readdirSync(join(root, 'minions')), ['blog'])
})

t.test('a first write has nothing to go back to', async (t) => {
  const { dir, write } = box(t)
  await write()
  await restorePrevious(dir)
  t.ok(existsSync(join(dir, '.env')))
})

t.test('a write that a crash cut short keeps the state before it', async (t) => {
  const { root, dir, write } = box(t)
  await write('First')
  await acceptInstance(dir)
  await write('Second')
  // As if the daemon had died before the end of that write: its mark is still there.
  writeFileSync(join(root, 'minions/.blog.previous.writing'), '')
  writeFileSync(join(dir, 'compose.override.yml'), 'half')
  t.equal(await write('Second'), true)
  t.not(readFileSync(join(dir, 'compose.override.yml'), 'utf8'), 'half')
  await restorePrevious(dir)
  t.equal(readKept(dir)['TITLE'], 'First')
})

t.test('a link put in the way is replaced, not followed', async (t) => {
  const { root, dir, write } = box(t)
  await write()
  const victim = join(root, 'victim')
  mkdirSync(victim)
  rmSync(join(dir, 'setup'), { recursive: true })
  symlinkSync(victim, join(dir, 'setup'))
  rmSync(join(dir, '.env'))
  symlinkSync(join(victim, 'env'), join(dir, '.env'))
  t.equal(await write(), true)
  t.strictSame(readdirSync(victim), [])
  t.ok(lstatSync(join(dir, 'setup')).isDirectory())
  t.ok(lstatSync(join(dir, '.env')).isFile())
})

t.test('secrets are the same after any number of writes', async (t) => {
  const { dir, write } = box(t)
  await write('a')
  const first = readKept(dir)['DB_PASSWORD']
  writeFileSync(
    join(dir, '.env'),
    readFileSync(join(dir, '.env'), 'utf8').replace(`'${first}'`, `'kept-by-the-database'`),
  )
  await write('b')
  t.equal(readKept(dir)['DB_PASSWORD'], 'kept-by-the-database')
})

t.test('an instance file that cannot be read is none', async (t) => {
  const dir = t.testdir({ 'instance.json': '{"template":' })
  t.equal(readInstance(dir), undefined)
  t.equal(readInstance(join(dir, 'none')), undefined)
  t.strictSame(readKept(join(dir, 'none')), {})
  writeFileSync(join(dir, 'instance.json'), '{"files":["../../etc/passwd","/etc/passwd","a/../../b"]}')
  await restorePrevious(dir)
  t.pass('nothing outside was read')
})

t.test('what a crash left of half-written files goes with the next write, and with an undo', async (t) => {
  const { dir, write } = box(t)
  await write()
  const half = join(dir, 'setup/deep/.0b2c6a1e-1f6a-4c55-9d0c-3a1f5f6f7a8b.tmp')
  const theirs = join(dir, 'setup/deep/.mine.tmp')
  for (const file of [half, theirs]) writeFileSync(file, 'ha')
  t.equal(await write(), false, 'nothing else to do')
  t.same([existsSync(half), existsSync(theirs)], [false, true])
  await write('Other')
  writeFileSync(half, 'ha')
  await restorePrevious(dir)
  t.notOk(existsSync(half))
})

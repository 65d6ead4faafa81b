import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const LAUNCHER = join(import.meta.dirname, '../../scripts/summoner')

/** A program that tells what it was called with. */
function program(file: string, name: string) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\necho "${name}: $*"\n`)
  chmodSync(file, 0o755)
}

function checkout(root: string) {
  mkdirSync(join(root, 'scripts'), { recursive: true })
  mkdirSync(join(root, 'server/cli'), { recursive: true })
  cpSync(LAUNCHER, join(root, 'scripts/summoner'))
  writeFileSync(join(root, 'server/cli/main.ts'), '')
}

async function launch(file: string, env: Record<string, string> = {}) {
  try {
    const { stdout } = await promisify(execFile)(file, ['a b', '--json'], {
      env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', ...env },
    })
    return { code: 0, stdout, stderr: '' }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

t.test('through links of links, also relative ones, into a folder with blanks', async (t) => {
  const root = join(t.testdir(), 'my checkout')
  checkout(root)
  program(join(root, 'node_modules/.bin/node'), 'npm')
  mkdirSync(join(t.testdirName, 'bin'))
  symlinkSync('../my checkout/scripts/summoner', join(t.testdirName, 'bin/one'))
  symlinkSync(join(t.testdirName, 'bin/one'), join(t.testdirName, 'bin/two'))
  const { stdout } = await launch(join(t.testdirName, 'bin/two'))
  t.equal(stdout, `npm: ${root}/server/cli/main.ts a b --json\n`)
})

t.test("the box's own Node comes first", async (t) => {
  const root = t.testdir()
  checkout(root)
  program(join(root, 'node_modules/.bin/node'), 'npm')
  program(join(root, '.runtime/node/bin/node'), 'runtime')
  t.match((await launch(join(root, 'scripts/summoner'))).stdout, /^runtime: /u)
})

t.test('a copy finds the checkout by ~/.summoner', async (t) => {
  const root = t.testdir()
  checkout(join(root, 'home'))
  program(join(root, 'home/node_modules/.bin/node'), 'npm')
  cpSync(LAUNCHER, join(root, 'summoner'))
  writeFileSync(join(root, '.summoner'), `MINIONS_DIR=/x\nSUMMONER_HOME="${root}/home"\n`)
  t.match(
    (await launch(join(root, 'summoner'), { HOME: root })).stdout,
    /^npm: .*home\/server\/cli\/main\.ts/u,
  )
  const lost = await launch(join(root, 'summoner'))
  t.equal(lost.code, 1)
  t.match(lost.stderr, /checkout was not found.*install\.sh/u)
})

t.test('without a Node that is new enough: one sentence', async (t) => {
  const root = t.testdir()
  checkout(root)
  const bin = join(root, 'bin')
  mkdirSync(bin)
  for (const tool of ['dirname', 'readlink', 'sed', 'tail', 'sh'])
    symlinkSync(`/bin/${tool}`, join(bin, tool))
  const missing = await launch(join(root, 'scripts/summoner'), { PATH: bin })
  t.equal(missing.code, 1)
  t.match(missing.stderr, /no Node\.js 24\.12 or newer.*install\.sh/u)
  writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 1\n')
  chmodSync(join(bin, 'node'), 0o755)
  t.equal((await launch(join(root, 'scripts/summoner'), { PATH: bin })).code, 1)
  program(join(bin, 'node'), 'system')
  t.match(
    (await launch(join(root, 'scripts/summoner'), { PATH: bin })).stdout,
    /^system: .*main\.ts a b --json/mu,
  )
})

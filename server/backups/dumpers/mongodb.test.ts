import t, { type Test } from 'tap'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { sampleContainer } from '../../../test/samples.ts'
import type { Target } from './dumper.ts'
import { mongodb } from './mongodb.ts'

const NASTY = ` a'b"c\\d: $e \`f\` #g é`

/** Runs the printed command with programs that only tell what they were given. */
function run(t: Test, target: Target, env: Record<string, string> = {}) {
  const dir = t.testdir({
    'app.env': `MONGO_WORD='${NASTY.replaceAll("'", "'\\''")}'\n`,
    zstd: '#!/bin/sh\necho the archive',
    docker: '#!/bin/sh\nwhile [ "$1" != sh ]; do shift; done\nexec "$@"',
    mongorestore: `#!/bin/sh
here=$(dirname "$0")
for word; do echo "$word"; case $word in --config=*) cat "\${word#*=}" > "$here/config";; esac; done > "$here/argv"
cat > "$here/input"`,
  })
  for (const name of ['zstd', 'docker', 'mongorestore']) execFileSync('chmod', ['+x', join(dir, name)])
  const command = mongodb.byHand({ ...target, envFile: join(dir, 'app.env') }, '/dumps/a-dump.archive.zst')
  execFileSync('sh', ['-c', command], { env: { PATH: `${dir}:/usr/bin:/bin`, ...env } })
  const read = (name: string) => readFileSync(join(dir, name), 'utf8')
  return { command, argv: read('argv'), input: read('input'), config: () => parse(read('config')) as object }
}

const target = (env: Record<string, string>, password: string): Target => ({
  minion: 'shop',
  service: 'mongodb',
  engine: 'mongodb',
  database: 'shop',
  container: sampleContainer({ name: 'mongodb-shop-example.org', env }),
  account: { user: 'shop', password },
  envFile: '',
  passwordEnv: 'MONGO_WORD',
  folders: [],
})

t.test('by hand: the password is on no command line', async (t) => {
  const env = { MONGO_INITDB_ROOT_USERNAME: 'root', MONGO_INITDB_ROOT_PASSWORD: NASTY }
  const asAdministrator = run(t, target(env, 'other'), env)
  t.match(asAdministrator.argv, /--username=root\n--authenticationDatabase=admin\n/)
  const asItself = run(t, target({}, NASTY))
  t.match(asItself.argv, /--username=shop\n--authenticationDatabase=shop\n/)
  for (const { command, argv, config, input } of [asAdministrator, asItself]) {
    t.notOk(argv.includes(NASTY.trim()))
    t.notOk(command.includes(NASTY.trim()))
    t.same(config(), { password: NASTY })
    t.equal(input, 'the archive\n')
  }
})

t.test('by hand: a server that asks for no password', async (t) => {
  t.equal(run(t, target({}, '')).argv, '--archive\n--drop\n--stopOnError\n')
})

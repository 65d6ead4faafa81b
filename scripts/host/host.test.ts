/** The installer's pieces, each in a bash of its own with stand-ins for the commands of the host. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import t from 'tap'

const CHECKOUT = resolve(import.meta.dirname, '../..')

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

function run(file: string, args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((done) => {
    const options = { env: { ...process.env, ...env }, cwd: CHECKOUT }
    execFile(file, args, options, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    )
  })
}

/** Runs `script` with the named pieces sourced; `commands` stand before the host's own on PATH. */
function bash(home: string, pieces: string[], script: string, commands: Record<string, string> = {}) {
  const bin = join(home, 'bin')
  mkdirSync(bin, { recursive: true })
  for (const [name, text] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const sources = pieces.map((piece) => `. ${CHECKOUT}/scripts/host/${piece}.sh`).join('\n')
  const start = `set -Eeuo pipefail\nPROGRAM=install.sh COMMAND_LINE=test LOG= HOME_DIR=${home} SETTINGS=${home}/settings\n`
  return run('bash', ['-c', `${start}${sources}\nexec 3>&1 4>&2\n${script}`], {
    PATH: `${bin}:${process.env['PATH']}`,
  })
}

t.test('what cannot be understood is refused before anything is done', async (t) => {
  const cases: [string[], RegExp][] = [
    [['--frob'], /unknown option --frob/],
    [['--domain'], /--domain needs a value/],
    [['--domain', '--email'], /--domain needs a value/],
    [['--email='], /--email needs a value/],
    [['--domain', 'Kit Example'], /"Kit Example" is not a domain/],
    [['--domain', '$(reboot).org'], /is not a domain/],
    [['--email', 'nobody'], /"nobody" is not an e-mail address/],
  ]
  for (const [args, said] of cases) {
    const { code, stdout, stderr } = await run('./install.sh', args)
    t.equal(code, 1, args.join(' '))
    t.match(stderr, said)
    t.equal(stdout, '', 'no step began')
  }
  const help = await run('./install.sh', ['--help'])
  t.equal(help.code, 0)
  t.match(help.stdout, '--uninstall')
})

t.test('a file is written once, and one that cannot be written stops the run', async (t) => {
  const dir = t.testdir({ 'a file': 'a file, not a folder' })
  const { stdout } = await bash(
    dir,
    ['say'],
    `for text in one one two; do write_file ${dir}/x 640 <<<"$text" && echo written || echo same; done`,
  )
  t.equal(stdout, 'written\nsame\nwritten\n')
  t.equal(readFileSync(join(dir, 'x'), 'utf8'), 'two\n')
  const failed = await bash(dir, ['say'], `write_file '${dir}/a file/x' 640 <<<text || echo went on`)
  t.match(failed, { code: 1, stdout: '' })
  t.match(failed.stderr, /cannot be written/)
})

t.test('a step that fails says where, why, and what to do', async (t) => {
  const dir = t.testdir({})
  const script = `STEPS=2; log_to ${dir}/logs/install.log; step One; step Two; f() { echo the reason; false; }; f; echo on >&3`
  const { code, stdout, stderr } = await bash(dir, ['say'], script)
  t.equal(code, 1)
  t.equal(stdout, '[1/2] One\n[2/2] Two\n')
  t.match(stderr, /stopped in step 2 \(Two\)/)
  t.match(stderr, /the reason/)
})

t.test('versions compare as versions', async (t) => {
  const pairs =
    '24.12.0,24.12.0 24.12.0,24.9.0 24.12.0,26.0.0 2.20,1.29.2-3 2.20,2.26.1-4 11,9.2.0 11,11.19.1'
  const script = `for p in ${pairs.replaceAll(',', ':')}; do at_least "\${p%%:*}" "\${p#*:}" && echo yes || echo no; done`
  const { stdout } = await bash(t.testdir({}), ['say', 'system'], script)
  t.same(stdout.trim().split('\n'), ['yes', 'no', 'yes', 'no', 'yes', 'no', 'yes'])
})

t.test('a taken port is refused by the name of its holder, unless it is ours', async (t) => {
  const id = 'a'.repeat(64)
  const listener = `echo 'LISTEN 0 511 *:80 *:* users:(("MainThread",pid=${process.pid},fd=18))'`
  const docker = (label: string) => `case $1 in ps) echo ${id} ;; inspect) echo '/shop|${label}' ;; esac`
  const check = (commands: Record<string, string>) =>
    bash(t.testdir({}), ['say', 'system'], 'check_port 80; echo went on', commands)
  t.match(await check({ ss: 'true' }), { code: 0, stdout: 'went on\n' })
  const process_ = await check({ ss: listener, docker: 'true' })
  t.equal(process_.code, 1)
  t.match(process_.stderr, new RegExp(`port 80 is taken by node.* \\(process ${process.pid}\\)`))
  const foreign = await check({ ss: listener, docker: docker('') })
  t.match(foreign, { code: 1, stderr: /port 80 is taken by the container shop/ })
  const own = await check({ ss: listener, docker: docker('4711') })
  t.match(own, { code: 0, stdout: 'went on\n' })
})

t.test('settings: our keys are kept up to date, other lines are their owner’s', async (t) => {
  const dir = t.testdir({ settings: 'MINE=1\nSUMMONER_HOME=/old\n# a remark\n' })
  const script = `VSROOT=/v DBSROOT=/v/database CONFIG_FILE=/c.yml CHANGES=0
    unset http_proxy https_proxy no_proxy SUDO_USER SUMMONER_HTTP_PORT SUMMONER_HTTPS_PORT
    https_proxy='http://proxy:3128'; ensure_settings 3>/dev/null; ensure_settings 3>/dev/null; echo "$CHANGES"; cat ${dir}/settings`
  const { stdout } = await bash(dir, ['say', 'system', 'settings'], script)
  const [changes, , ...lines] = stdout.trim().split('\n')
  t.equal(changes, '1', 'the second time nothing changed')
  t.same(lines, [
    `SUMMONER_HOME="${dir}"`,
    `MINIONS_DIR="${dir}/minions"`,
    'SUMMONER_CONFIG_FILE="/c.yml"',
    'VOLUME_STORAGE_ROOT="/v"',
    'DATABASE_STORAGE_ROOT="/v/database"',
    'https_proxy="http://proxy:3128"',
    'NODE_USE_ENV_PROXY="1"',
    'MINE=1',
    '# a remark',
  ])
})

t.test('config.yml: domain and email are spliced in, every other byte stays', async (t) => {
  const text =
    '# mine\r\nsummoner:\r\n    domain:   localhost   # for now\r\n    applications: nginx ghost\r\n'
  const dir = t.testdir({ 'config.yml': text })
  const file = join(dir, 'config.yml')
  const config = (...args: string[]) =>
    run(process.execPath, [join(CHECKOUT, 'scripts/host/config.ts'), ...args])
  const set = await config('set', file, 'domain=kit.test', 'email=ops@kit.test')
  t.match(set, { code: 0, stdout: 'domain is now kit.test, email is now ops@kit.test' })
  const after = readFileSync(file, 'utf8')
  t.equal(after.replace('kit.test ', 'localhost ').replace(/ {4}email: .*\r\n/, ''), text)
  t.match(await config('set', file, 'domain=kit.test'), { code: 0, stdout: '' })
  const bad = await config('set', file, 'domain=kit_.test')
  t.equal(bad.code, 1)
  t.match(bad.stderr, new RegExp(`${file}:3:\\d+: domain: "kit_.test" cannot be used`))
  t.equal(readFileSync(file, 'utf8'), after, 'nothing was written')
  t.match((await config('roots', file)).stdout, /^\/.+\n\/.+\n$/)
})

t.test('Node from an archive: only with the published checksum', async (t) => {
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
  const name = `node-v24.99.0-linux-${arch}`
  const dir = t.testdir({
    dist: { [name]: { bin: { node: '#!/bin/sh\necho v24.99.0\n' } } },
    box: { '.runtime': {} },
  })
  chmodSync(join(dir, 'dist', name, 'bin/node'), 0o755)
  await run('tar', ['-C', join(dir, 'dist'), '-czf', join(dir, 'node.tar.gz'), name])
  const archive = readFileSync(join(dir, 'node.tar.gz'))
  let sum = createHash('sha256').update(archive).digest('hex')
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/SHASUMS256.txt'))
      response.end(`${'0'.repeat(64)}  other\n${sum}  ${name}.tar.gz\n`)
    else response.end(archive)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  const box = join(dir, 'box')
  const unpack = () => {
    const dist = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return bash(
      box,
      ['say', 'system', 'node'],
      `NODE_DIST=${dist}; unpack_node; ${box}/.runtime/node/bin/node --version`,
    )
  }
  t.match(await unpack(), { code: 0, stdout: 'v24.99.0\n' })
  sum = 'f'.repeat(64)
  const refused = await unpack()
  t.equal(refused.code, 1)
  t.match(refused.stderr, /does not have the checksum/)
  t.same(readdirSync(join(box, '.runtime')), ['node'], 'no rest of the fetch; the good one stays')
})

t.test('Debian 13’s mirror is let in for docker-compose alone', async (t) => {
  const dir = t.testdir({})
  const script = `OS_CODENAME=bookworm OS_NAME=Debian
    write_file() { local to=${dir}/$(basename "$1"); cat >"$to.$(grep -q preferences <<<"$1" && echo pin || echo list)"; }
    mirror_of() { echo http://mirror.test/debian; }; candidate_of() { echo 2.26.1-4; }; APT=(true)
    add_compose_of_trixie`
  t.equal((await bash(dir, ['say', 'system', 'docker'], script)).code, 0)
  const list = readFileSync(join(dir, 'summoner-compose.sources.list'), 'utf8')
  t.match(list, /^URIs: http:\/\/mirror\.test\/debian$/m)
  t.match(list, /^Signed-By: \//m)
  const pin = readFileSync(join(dir, 'summoner-compose.pin'), 'utf8')
  t.equal(pin.trim().split('\n\n')[0], 'Package: *\nPin: release n=trixie\nPin-Priority: -1')
  t.notOk(existsSync(join(dir, 'x')))
})

t.test('an installed box: a new domain is carried out, what goes away waits for a person', async (t) => {
  const change = (action: string, minion: string) => ({ action, minion })
  const changes = [change('+', 'shop'), change('~', 'blog'), change('-', 'wiki')]
  const dir = t.testdir({
    'plan.json': JSON.stringify({ changes }),
    scripts: { summoner: '#!/bin/bash\necho "ran: $*"\n' },
  })
  chmodSync(join(dir, 'scripts/summoner'), 0o755)
  const carriedOut = async (installed: string, edited: string) => {
    const script = `await_minions() { :; }; api() { cat ${dir}/plan.json; }
      CHANGES=0 INSTALLED=${installed} CONFIG_EDITED=${edited}; ensure_minions`
    return (await bash(dir, ['say', 'addresses'], script)).stdout
  }
  t.match(await carriedOut('yes', 'no'), /ran: apply --yes shop\n.*2 changes waiting/)
  t.match(await carriedOut('yes', 'yes'), /ran: apply --yes shop blog\n.*1 change waiting/)
  t.match(await carriedOut('no', 'no'), /ran: apply --yes shop blog\n.*1 change waiting/)
})

t.test('a data folder that others may write to is closed, once', async (t) => {
  const dir = t.testdir({ data: {} })
  chmodSync(join(dir, 'data'), 0o775)
  const close = async () =>
    (await bash(dir, ['say', 'settings'], 'CHANGES=0; close_data; echo "$CHANGES"')).stdout.trim()
  t.match(await close(), /closed to others' writing\n1$/)
  t.equal(statSync(join(dir, 'data')).mode & 0o777, 0o755)
  t.equal(await close(), '0')
})

t.test(
  'results are counted from what tap wrote; a run that breaks or tests nothing has failed',
  async (t) => {
    const count = async (tap: string, status: number) => {
      const dir = t.testdir({})
      mkdirSync(join(dir, 'node_modules/.bin'), { recursive: true })
      const stub = `#!/bin/bash\nfor a; do [[ $a != --output-file=* ]] || out=\${a#*=}; done\ncat >"$out" <<'EOF'\n${tap}\nEOF\nexit ${status}\n`
      writeFileSync(join(dir, 'node_modules/.bin/tap'), stub, { mode: 0o755 })
      const script = `cd ${dir}; results=${dir}; run_tap x file >/dev/null; report`
      const { code, stdout } = await bash(dir, ['say', 'results'], script)
      return [code, stdout.trim().split('\n').at(-1)]
    }
    t.same(await count('ok 1\n# { total: 3, pass: 3 }', 0), [0, '3 passed, 0 failed'])
    t.same(await count('not ok 1\n# { total: 3, pass: 1, fail: 1, skip: 1 }', 1), [
      1,
      '1 passed, 1 failed, 1 skipped',
    ])
    t.same(await count('ok 1\n# { total: 2, pass: 2 }', 1), [1, '2 passed, 1 failed'])
    t.same(await count('1..0', 0), [1, '0 passed, 1 failed'])
  },
)

t.test('the link of the first administrator is shown, and never logged', async (t) => {
  const home = t.testdir({ scripts: {}, 'install.log': '' })
  const say = (text: string) => {
    writeFileSync(join(home, 'scripts/summoner'), `#!/bin/bash\n${text}\n`)
    chmodSync(join(home, 'scripts/summoner'), 0o755)
  }
  const print = () => bash(home, ['say', 'addresses'], `exec >>${home}/install.log 2>&1\nprint_setup_link`)
  say('[[ "$*" == "user setup-link" ]] && echo https://summoner.example.org/setup#secret')
  const shown = await print()
  t.equal(shown.code, 0)
  t.match(shown.stdout, '\n  https://summoner.example.org/setup#secret\n')
  t.notMatch(readFileSync(join(home, 'install.log'), 'utf8'), /secret/)
  say('echo There is an administrator already >&2; exit 1')
  const silent = await print()
  t.equal(silent.code, 0, 'an installed box says nothing')
  t.equal(silent.stdout, '')
})

t.test('the password of a recovery: by variable, by file, never asked where nobody is', async (t) => {
  const home = t.testdir({ word: 'from-a-file\n', empty: '' })
  const ask = (given: string) =>
    bash(
      home,
      ['say', 'recovery'],
      `RESTORE_FROM=/mnt/kit PASSWORD_FILE= UNATTENDED=yes\n${given}\nask_for_password </dev/null; echo "got $SUMMONER_RESTORE_PASSWORD"`,
    )
  t.match(await ask('SUMMONER_RESTORE_PASSWORD=by-variable'), { code: 0, stdout: 'got by-variable\n' })
  t.match(await ask(`PASSWORD_FILE=${home}/word`), { code: 0, stdout: 'got from-a-file\n' })
  t.match(await ask(`PASSWORD_FILE=${home}/empty`), { code: 1, stderr: /password is empty/ })
  t.match(await ask(`PASSWORD_FILE=${home}/none`), { code: 1, stderr: /cannot be read/ })
  t.match(await ask(''), { code: 1, stderr: /SUMMONER_RESTORE_PASSWORD or by --password-file/ })
})

t.test('a box is fetched with its password in no argument; a refusal is one sentence', async (t) => {
  const home = t.testdir({})
  const fetched = (node: string) =>
    bash(
      home,
      ['say', 'packages', 'recovery'],
      'RESTORE_FROM=/mnt/kit SUMMONER_RESTORE_PASSWORD=a-word\nfetch_box\necho "changes $CHANGES"',
      { node },
    )
  const good = await fetched(
    'echo "$@" >"$(dirname "$0")/../said"; echo "Fetching $SUMMONER_RESTORE_PASSWORD" | tr a-z A-Z',
  )
  t.match(good, { code: 0, stdout: /FETCHING A-WORD[\s\S]*the box was fetched from \/mnt\/kit\nchanges 1/ })
  t.match(readFileSync(join(home, 'said'), 'utf8'), /scripts\/host\/recover\.ts \/mnt\/kit\n$/)
  t.notMatch(readFileSync(join(home, 'said'), 'utf8'), 'a-word')
  const bad = await fetched('echo "a warning" >&2; echo "The password does not open it." >&2; exit 1')
  t.match(bad, { code: 1, stderr: 'install.sh: The password does not open it.\n' })
})

t.test('half a recovery is gone on with, never started', async (t) => {
  const recovery = (state: string) => JSON.stringify({ from: '/mnt/kit', state }, null, 2)
  const check = (state: string) => {
    const home = t.testdir({ data: { state: { 'recovery.json': recovery(state) } } })
    return bash(home, ['say', 'recovery'], 'refuse_half_recovery; echo on')
  }
  t.match(await check('fetching'), { code: 1, stderr: /go on with it by --restore-from \/mnt\/kit/ })
  t.match(await check('fetched'), { code: 0, stdout: 'on\n' })
})

t.test('programs that destinations are reached with', async (t) => {
  const home = t.testdir({})
  const { stdout } = await bash(
    home,
    ['say', 'recovery'],
    'add_packages() { echo "add $*"; }\nDESTINATIONS=(/mnt/kit sftp:a@b:/c rclone:box:kit s3:https://x/y)\nensure_destinations',
  )
  t.match(stdout, /add openssh-client\n.*\nadd rclone/)
  t.equal(stdout.match(/^add /gm)?.length, 2)
})

import t from 'tap'
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createExec, endLeftovers } from './exec.ts'

const setUp = (t: { testdir(): string }) => {
  const runDir = join(t.testdir(), 'children')
  return {
    runDir,
    exec: createExec({
      runDir,
      network: { httpProxy: 'http://p:1' },
      redact: (text) => text.replaceAll('hunter2', '•••'),
    }),
  }
}

t.test('runs argv as it is, without a shell, in a small environment', async (t) => {
  const { exec, runDir } = setUp(t)
  const { stdout } = await exec(['printf', '%s|', '$(id)', ';x', '`y`', 'a b'])
  t.equal(stdout.trim(), '$(id)|;x|`y`|a b|')
  process.env['DOMAIN'] = 'of the daemon'
  const environment = (await exec(['env'], { env: { ONLY: 'this' } })).stdout
  t.match(environment, /ONLY=this/)
  t.match(environment, /http_proxy=/)
  t.notMatch(environment, /DOMAIN/)
  t.same(readdirSync(runDir), [], 'no mark stays behind')
})
t.test('input, lines and exit codes', async (t) => {
  const { exec } = setUp(t)
  const lines: string[] = []
  await exec(['cat'], { input: 'one\ntwo\n', onLine: (line) => lines.push(line) })
  t.same(lines, ['one', 'two'])
  t.equal((await exec(['false'], { ok: [0, 1] })).code, 1)
  await t.rejects(exec(['sh', '-c', 'echo the hunter2 word >&2; exit 3']), {
    code: 'exec.failed',
    message: /code 3: the ••• word/,
  })
  await t.rejects(exec(['no-such-program-here']), { code: 'exec.failed', message: /not installed/ })
})
t.test('a time limit and a cancel end the whole group', async (t) => {
  const { exec } = setUp(t)
  await t.rejects(exec(['sh', '-c', 'sleep 30 & wait'], { timeoutMs: 100 }), { code: 'exec.timeout' })
  const controller = new AbortController()
  const running = exec(['sleep', '30'], { signal: controller.signal })
  controller.abort()
  await t.rejects(running, { code: 'job.cancelled' })
})
t.test('a child whose mark cannot be written does not run on', async (t) => {
  const { exec, runDir } = setUp(t)
  rmSync(runDir, { recursive: true })
  const seconds = `31.${process.pid}`
  await t.rejects(exec(['sleep', seconds]), { code: 'ENOENT' })
  const alive = () =>
    readdirSync('/proc').some((entry) => {
      try {
        return readFileSync(`/proc/${entry}/cmdline`, 'utf8') === `sleep\0${seconds}\0`
      } catch {
        return false
      }
    })
  for (let tries = 0; alive() && tries < 100; tries++) await sleep(50)
  t.notOk(alive())
})
t.test('leftovers of a killed daemon are ended, a reused pid is not', async (t) => {
  const { runDir } = setUp(t)
  const child = spawn('sleep', ['30'], { detached: true, stdio: 'ignore' })
  const gone = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  writeFileSync(join(runDir, String(child.pid)), `${started}\nsleep\n`)
  writeFileSync(join(runDir, String(process.pid)), '1\nnode\n')
  t.equal(await endLeftovers(runDir), 1)
  t.equal(await gone, 'SIGKILL')
  t.same(readdirSync(runDir), [])
})
t.test('compose is told of another engine, and only then', async (t) => {
  const environment = async (engineSocket: string) =>
    (await createExec({ runDir: t.testdir(), network: {}, engineSocket, redact: (text) => text })(['env']))
      .stdout
  t.notMatch(await environment('/var/run/docker.sock'), 'DOCKER_HOST')
  t.match(await environment('/srv/other.sock'), /^DOCKER_HOST=unix:\/\/\/srv\/other\.sock$/m)
})
t.test('what the host is to blame for has a code of its own', async (t) => {
  const { exec } = setUp(t)
  for (const [words, code] of [
    ['Cannot connect to the Docker daemon at unix:///x', 'engine.unreachable'],
    ['write /x: no space left on device', 'disk.full'],
    ['mkdir /x: read-only file system', 'disk.readonly'],
    ['Bind for 0.0.0.0:80 failed: port is already allocated', 'port.taken'],
    ['service "x" is not known', 'exec.failed'],
  ])
    await t.rejects(exec(['sh', '-c', 'echo "$0" >&2; exit 1', words!]), { code, message: words })
})

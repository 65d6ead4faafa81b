/** Distribution builds on the real engine: base, layers, labels, failures, cancelling. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t from 'tap'
import { LABEL } from '../server/docker/container.ts'
import { createEngine } from '../server/docker/engine.ts'
import { createExec } from '../server/docker/exec.ts'
import { createImages } from '../server/images/create-images.ts'
import type { ImageProgress } from '../server/images/image.ts'

const engine = createEngine({ socketPath: '/var/run/docker.sock' })
const mark = `t${randomBytes(4).toString('hex')}`
// Not t.testdir: that is removed before the teardown, which still runs programs.
const root = mkdtempSync(join(tmpdir(), 'summoner-images-'))
mkdirSync(join(root, 'minions/site'), { recursive: true })
const network = {
  caBundle: '/etc/ssl/certs/ca-certificates.crt',
  ...(process.env['http_proxy'] ? { httpProxy: process.env['http_proxy'] } : {}),
  ...(process.env['https_proxy'] ? { httpsProxy: process.env['https_proxy'] } : {}),
}
const exec = createExec({ runDir: join(root, 'children'), network, redact: (text) => text })
const made: string[] = []
const images = createImages({
  engine,
  exec,
  minionsDir: join(root, 'minions'),
  scriptsDir: resolve(import.meta.dirname, '../scripts'),
  network,
  boxId: mark,
})

function context(name: string, dockerfile: string, files: Record<string, string> = {}): string {
  const dir = join(root, 'minions/.distro', name)
  mkdirSync(dir, { recursive: true })
  for (const [file, text] of Object.entries({ Dockerfile: dockerfile, ...files }))
    writeFileSync(join(dir, file), text)
  return dir
}

async function build(name: string, tag: string, signal = new AbortController().signal) {
  const lines: string[] = []
  const progress: ImageProgress = { signal, log: (line) => lines.push(line), progress: () => {} }
  const reference = `summoner/${mark}:${tag}`
  made.push(reference)
  const wanted = [{ service: 'web', reference, build: { context: `../.distro/${name}`, version: '1' } }]
  await images.ensure(wanted, join(root, 'minions/site'), progress)
  return { reference, lines, present: await images.present(wanted) }
}

t.teardown(async () => {
  for (const reference of made)
    if (await engine.image(reference)) await exec(['docker', 'rmi', reference], { ok: [0, 1] })
  rmSync(root, { recursive: true, force: true })
})

t.test('a build from the base reaches the package mirror and carries our labels', async (t) => {
  context(
    'good',
    `FROM summoner/base:trixie
RUN apt-get update && apt-get install --download-only -y nginx && rm -rf /var/lib/apt/lists/*
COPY note.txt /note.txt
CMD ["cat", "/note.txt"]
`,
    { 'note.txt': mark },
  )
  const first = await build('good', '1')
  t.ok(first.present)
  t.match((await engine.image(first.reference))?.labels, { [LABEL.kind]: 'build', [LABEL.box]: mark })
  const said = await exec(['docker', 'run', '--rm', '--label', `${LABEL.box}=${mark}`, first.reference])
  t.equal(said.stdout.trim(), mark)
  t.ok(await engine.image('summoner/base:trixie'), 'the base is there')

  const again = await build('good', '1')
  t.same(again.lines, [], 'what is there is not built again')

  utimesSync(join(root, 'minions/.distro/good/note.txt'), 1, 1)
  const second = await build('good', '2')
  const steps = second.lines.filter((line) => line.startsWith('Step ')).length
  const cached = second.lines.filter((line) => line.includes('Using cache')).length
  t.ok(steps > 3)
  t.equal(cached, steps - 1, 'every layer but the base came from the cache')
})

t.test('a build that fails names the reason and leaves no image', async (t) => {
  context('bad', 'FROM summoner/base:trixie\nRUN apt-get install -y no-such-package-at-all\n')
  await t.rejects(build('bad', 'bad'), { code: 'image.build', message: /no-such-package-at-all/ })
  t.equal(await engine.image(`summoner/${mark}:bad`), undefined)
})

t.test('a cancelled build ends, and the next one runs', async (t) => {
  context('slow', `FROM summoner/base:trixie\nRUN echo ${mark} && sleep 300\n`)
  context('quick', `FROM summoner/base:trixie\nRUN echo quick ${mark}\n`)
  const abort = new AbortController()
  const slow = t.rejects(build('slow', 'slow', abort.signal), { code: 'job.cancelled' })
  const quick = build('quick', 'quick')
  const started = async () =>
    (await engine.listContainers()).some(
      ({ state, image }) => state === 'running' && image.startsWith('sha256:'),
    )
  for (let tries = 0; tries < 600 && !(await started()); tries++)
    await new Promise((done) => setTimeout(done, 50))
  abort.abort()
  await slow
  t.ok((await quick).present)
  t.equal(await engine.image(`summoner/${mark}:slow`), undefined)
})

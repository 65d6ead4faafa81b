/** What people have becomes a minion that answers: a folder with sources, and a compose file of known images. */
import t from 'tap'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '../server/jobs/job.ts'
import type { ImportReport } from '../server/templates/import/report.ts'
import { imported, summonable } from '../server/templates/import/summonable.fixture.ts'
import { createBox, engine, type Box } from './box.ts'

t.setTimeout(600_000)
const FIXTURES = join(import.meta.dirname, 'fixtures/compose')
const box: Box = await createBox()
const built: string[] = []
t.teardown(async () => {
  await box.remove()
  if (built.length > 0) execFileSync('docker', ['image', 'rm', '--force', ...built])
})
const work = mkdtempSync(join(tmpdir(), 'import-'))
t.teardown(() => rmSync(work, { recursive: true, force: true }))
const succeeded = (job: Job) =>
  t.equal(job.state, 'succeeded', `${job.kind} ${job.minion}: ${JSON.stringify(job.problem)}`)

t.test('the base of the build is there once anything was built', async () => {
  succeeded(await box.run('POST', '/minions', { template: 'hello', name: box.name('first') }))
})

t.test('a folder with a Dockerfile: imported, built, summoned, its data kept', async (t) => {
  const dry = await box.cli(['import', join(FIXTURES, 'counter-app'), '--dry-run'])
  t.equal(dry.code, 0, dry.stderr)
  t.equal((await box.api('GET', '/templates/counter')).status, 404)
  const made = await box.cli(['import', join(FIXTURES, 'counter-app')])
  t.equal(made.code, 0, made.stdout + made.stderr)
  t.match(made.stdout, /compose\.yml:11:9/)

  const name = box.name('count')
  succeeded(await box.run('POST', '/minions', { template: 'counter', name, env: { GREETING: 'salut' } }))
  const host = `${name}.${box.domain}`
  const visits = async () =>
    Number(/^salut (\d+) \[counter\]\nname = shop\n$/.exec((await box.visit(host)).body)?.[1])
  const first = await visits()
  t.ok(first > 0)
  t.ok((await visits()) > first)
  const file = join(box.data, 'volumes', name, 'data/visits')
  t.equal(statSync(file).uid, 1000)
  succeeded(await box.run('POST', `/minions/${name}/restart`))
  let again = Number.NaN
  for (let tries = 0; tries < 100 && Number.isNaN(again); tries++) {
    again = await visits()
    if (Number.isNaN(again)) await sleep(200)
  }
  t.ok(again > first + 1, `the folder outlives the container: ${again} visits`)
  const container = (await engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })).find(
    ({ labels }) => labels['io.summoner.minion'] === name,
  )
  t.match(container?.networkMode, name)
  // Compose names what it builds after the project; this project will never be back.
  t.equal(container?.image, `${container?.project}-app`)
  built.push(container?.image ?? '')
  t.same(await box.apply(), [], 'nothing is left to change')
  for (const verb of ['backup', 'prove']) {
    const done = await box.cli([verb, name])
    t.equal(done.code, 0, `${verb}: ${done.stdout}${done.stderr}`)
  }
})

t.test('known images run from distribution packages where there is no registry', async (t) => {
  const folder = join(work, 'pages')
  mkdirSync(join(folder, 'site'), { recursive: true })
  writeFileSync(join(folder, 'site/index.html'), '<h1>imported pages</h1>')
  writeFileSync(
    join(folder, 'docker-compose.yml'),
    `version: "2"
services:
  front:
    image: nginx
    container_name: front
    restart: always
    ports: ["80:80", "443:443"]
    links: ["store:sql"]
    volumes: ["./site:/usr/share/nginx/html"]
  store:
    image: mariadb:11
    ports: ["3306:3306"]
    environment: {MARIADB_ROOT_PASSWORD: rootpw77, MARIADB_DATABASE: pages}
    volumes: ["files:/var/lib/mysql"]
volumes: {files: {}}
`,
  )
  const made = await box.cli(['import', folder, '--name', 'pages', '--json'])
  t.equal(made.code, 0, made.stderr)
  const name = box.name('pages')
  succeeded(await box.run('POST', '/minions', { template: 'pages', name }))
  t.match((await box.visit(`${name}.${box.domain}`)).body, 'imported pages')
  const store = (await engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] })).find(
    ({ labels, service }) => labels['io.summoner.minion'] === name && service === 'store',
  )
  t.equal(store?.health, 'healthy')
  t.equal(store?.name, `mariadb-${name}-${box.domain}`)
  const answer = await engine.execIn(store?.id ?? '', [
    'sh',
    '-c',
    'mariadb -uroot -p"$MARIADB_ROOT_PASSWORD" -N -e "SHOW DATABASES"',
  ])
  t.match(answer.stdout, 'pages')
  const { body } = await box.api<{ secrets: Record<string, string> }>('GET', `/minions/${name}/secrets`)
  t.match(body.secrets['MARIADB_ROOT_PASSWORD'], /^[A-Za-z0-9]{32}$/)
})

t.test('compose itself understands every template that comes of an import', async (t) => {
  const text = (name: string) => readFileSync(join(FIXTURES, name), 'utf8')
  const rows: [name: string, report: ImportReport][] = [
    ['shared-settings', imported(text('shared-settings.yml'))],
    ['other-proxy', imported({ 'compose.yml': text('other-proxy.yml'), 'root.txt': 'topsecret1' })],
    ['database-with-env-file', imported(text('database-with-env-file.yml'))],
    ['first-version-blog', imported(text('first-version-blog.yml'))],
    ['first-version-static', imported(text('first-version-static.yml'), { answers: { 'tag:pages': '1.2' } })],
    [
      'first-version-placeholders',
      imported(text('first-version-placeholders.yml'), {
        answers: { 'image:program': 'example/program:3.1' },
      }),
    ],
    [
      'docker run',
      imported(
        {},
        { run: `docker run --ulimit nofile=10:20 --sysctl net.core.somaxconn=9 -e "A=$B '" a:1 x '$y'` },
      ),
    ],
    [
      'configs',
      imported({
        'compose.yml': 'services: {a: {image: "a:1", configs: [c]}}\nconfigs: {c: {file: ./c.txt}}',
        'c.txt': 'x',
      }),
    ],
  ]
  for (const [name, report] of rows) {
    t.ok(report.ok, `${name}: ${JSON.stringify([report.refusals, report.questions])}`)
    const { rendered } = summonable(report, {
      env: name === 'shared-settings' ? { SMTP_PASSWORD: 'x' } : name === 'docker run' ? { B: 'b' } : {},
    })
    const dir = mkdtempSync(join(work, 'config-'))
    const files = { ...report.files, 'compose.override.yml': rendered.override, '.env': rendered.dotenv }
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), content)
    }
    const argv = ['compose', '-f', 'compose.yml', '-f', 'compose.override.yml', 'config', '--format', 'json']
    const { status, stdout, stderr } = spawnSync('docker', argv, { cwd: dir, encoding: 'utf8' })
    t.equal(status, 0, `${name}: ${stderr}`)
    t.notMatch(stderr, /variable is not set/, name)
    if (name === 'docker run')
      t.match(JSON.parse(stdout), { services: { a: { environment: { A: "b '" }, command: ['x', '$$y'] } } })
  }
})

t.test('a refused file leaves nothing and says where', async (t) => {
  const file = join(work, 'evil.yml')
  writeFileSync(file, 'services:\n  app:\n    image: a:1\n    volumes:\n      - /:/host\n')
  const refused = await box.cli(['import', file, '--name', 'evil'])
  t.equal(refused.code, 1)
  t.match(refused.stdout + refused.stderr, /evil\.yml:5:9/)
  t.equal((await box.api('GET', '/templates/evil')).status, 404)
  const asked = await box.api<ImportReport>('POST', '/templates/import', {
    files: {},
    run: 'docker run -p 8080:80 someone/thing',
    name: 'thing',
    dryRun: true,
  })
  t.equal(asked.status, 200)
  t.match(asked.body, { ok: false, questions: [{ id: 'tag:thing' }] })
})

/** A server is lost with all that lay on it; a destination and the recovery sheet bring it back on the real engine. */
import t from 'tap'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Recovery } from '../server/backups/recovery/recovery-file.ts'
import { succeeded, until } from './aftermath.ts'
import { addRestingTemplate, listing, makeNasty, restic, setsOf, volumeOf } from './backup-box.ts'
import { createBox, engine } from './box.ts'
import { becomes } from './destinations-rig.ts'

const far = mkdtempSync(join(tmpdir(), 'summoner-far-'))
t.teardown(() => rmSync(far, { recursive: true, force: true }))
const copies = join(far, 'kit')
mkdirSync(copies)

const box = await createBox({ boot: false })
t.teardown(() => box.remove())
const [web, blog, site] = [box.name('web'), box.name('blog'), box.name('site')]
addRestingTemplate(box)
box.configure(
  `  backups:\n    dump: "off"\n    cold: "off"\n    prove: "off"\n    destinations:\n      - {name: disk, to: ${copies}}\n`,
)
const configured = () => readFileSync(box.configFile, 'utf8')
const host = (minion: string) => `${minion}.${box.domain}`
const secretsOf = async (minion: string) => (await box.api<object>('GET', `/minions/${minion}/secrets`)).body
const recover = (password: string, from = copies) =>
  box.script('scripts/host/recover.ts', [from], { SUMMONER_RESTORE_PASSWORD: password })
const rootOf = () => readFileSync(join(box.data, 'certificates/internal/root.pem'), 'utf8')

let sheet = ''
let password = ''
let before = { nasty: '', config: '', blog: {} as object, root: '' }

t.test('a box with a site, a blog with its database, and templates of its own', async (t) => {
  await box.boot()
  succeeded(t, await box.run('POST', '/minions', { template: 'resting', name: web }))
  succeeded(t, await box.run('POST', '/minions', { template: 'statik', name: site }))
  succeeded(t, await box.run('POST', '/minions', { template: 'wordpress', name: blog }))
  makeNasty(join(volumeOf(box, web), 'www/nasty'))
  const database = (await box.minion(blog)).containers.find(({ service }) => service === 'mariadb')!
  execFileSync('docker', [
    'exec',
    database.name,
    'sh',
    '-c',
    `MYSQL_PWD="$MARIADB_ROOT_PASSWORD" mariadb -h127.0.0.1 -uroot wordpress -e "UPDATE wp_options SET option_value='The survivor' WHERE option_name='blogname'"`,
  ])
  t.match((await box.visit(host(blog))).body, /The survivor/)
  t.equal((await box.cli(['secret', 'set', 'kept'], 'a word that is kept')).code, 0)
  const saved = await box.cli(['backup'])
  t.equal(saved.code, 0, saved.stderr)
  await until('the set of the box', async () => (await setsOf(box, 'summoner'))[0]?.state === 'good')
  const { sets } = await becomes(box, 'disk', 'ok')
  t.equal(sets, 5, 'nginx, three minions and the box itself')
  before = {
    nasty: listing(join(volumeOf(box, web), 'www/nasty')),
    config: configured(),
    blog: await secretsOf(blog),
    root: rootOf(),
  }
})

t.test('the sheet: addresses, password, steps; for administrators, and in no log', async (t) => {
  const { code, stdout } = await box.cli(['recovery-sheet'])
  t.equal(code, 0)
  sheet = stdout
  password = /^Password of every repository: (.+)$/m.exec(sheet)?.[1] ?? ''
  t.match(password, /^([A-Za-z0-9]{5}-){5}[A-Za-z0-9]{5}$/)
  t.match(sheet, `Destination disk: ${copies}`)
  t.notMatch(box.log(), password)
  const audit = await box.api<{ entries: { action: string }[] }>('GET', '/audit')
  t.match(JSON.stringify(audit.body), /getRecoverySheet/)
  const { body } = await box.api<{ secret: string }>('POST', '/tokens', { name: 'op', role: 'operator' })
  t.ok(body, 'a token of an operator')
})

t.test('data without Summoner: the commands of the sheet, as they stand', async (t) => {
  const back = join(far, 'back')
  const lines = sheet.split('\n').map((line) => line.trim())
  const commands = [
    ...lines.filter((line) => line.startsWith('export ')),
    ...lines.filter((line) => line.startsWith('restic restore')),
  ].map((line) => line.replaceAll('/srv/back', back))
  execFileSync('sh', ['-e', '-c', commands.join('\n')], {
    env: { ...process.env, RESTIC_CACHE_DIR: join(far, 'cache') },
  })
  t.equal(listing(join(back, web, volumeOf(box, web), 'www/nasty')), before.nasty)
  t.equal(readFileSync(join(back, 'summoner', box.configFile), 'utf8'), before.config)
  const dumps = execFileSync('find', [join(back, blog), '-name', '*-dump.sql.zst'], {
    encoding: 'utf8',
  }).trim()
  t.match(
    execFileSync('sh', ['-c', `zstd -dc '${dumps}' | grep -c 'The survivor'`], { encoding: 'utf8' }),
    /^[1-9]/,
  )
  rmSync(back, { recursive: true })
})

t.test('the server is lost', async () => {
  await box.kill('SIGKILL')
  const label = `io.summoner.box=${box.boxId()}`
  for (const { id } of await engine.listContainers({ labels: [label] })) await engine.remove(id)
  for (const { id, name } of await engine.listNetworks())
    if (name.includes(`-${web}_`) || name.includes(`-${blog}_`) || name.includes(`-${site}_`))
      await engine.removeNetwork(id)
  rmSync(box.data, { recursive: true })
  rmSync(join(box.dir, 'minions/resting'), { recursive: true })
  writeFileSync(box.configFile, 'summoner:\n  domain: localhost\n')
})

t.test('refusals that change nothing', async (t) => {
  const refused = async (said: RegExp, password_: string, from = copies) => {
    const { code, stderr } = await recover(password_, from)
    t.equal(code, 1)
    t.match(stderr, said)
    t.notMatch(stderr, /at .*\.ts:\d/)
    t.notOk(existsSync(join(box.data, 'backups/repository')))
    t.notOk(existsSync(join(box.data, 'state/recovery.json')))
    t.equal(configured(), 'summoner:\n  domain: localhost\n')
  }
  await refused(/password does not open|wrong password/, 'not-the-password')
  await refused(/no folder/, password, join(far, 'nowhere'))
  mkdirSync(join(far, 'empty'))
  await refused(/There is no repository/, password, join(far, 'empty'))
  const foreign = join(far, 'foreign')
  const env = {
    ...process.env,
    RESTIC_PASSWORD: 'other-word',
    RESTIC_REPOSITORY: foreign,
    RESTIC_CACHE_DIR: join(far, 'cache'),
  }
  execFileSync('restic', ['init'], { env })
  execFileSync('restic', ['backup', '/etc/hostname'], { env })
  await refused(/holds no set of a box/, 'other-word', foreign)
  const damaged = join(far, 'damaged')
  cpSync(copies, damaged, { recursive: true })
  for (const name of readdirSync(join(damaged, 'index'))) rmSync(join(damaged, 'index', name))
  await refused(/./, password, damaged)
})

t.test('it comes back from the destination alone', async (t) => {
  const { code, stdout, stderr } = await recover(password)
  t.equal(code, 0, stderr)
  t.match(stdout, /3 minions/)
  t.equal(configured(), before.config)
  t.ok(existsSync(join(box.dir, 'minions/resting/compose.yml')), 'templates of its own')
  await box.boot()
  let job: string | undefined
  await until('the recovery', async () => {
    job = (await box.api<{ job?: string }>('GET', '/recovery')).body.job
    return job !== undefined
  })
  succeeded(t, await box.ended(job!))
  t.match((await box.api<{ recovery: Recovery }>('GET', '/recovery')).body.recovery, {
    state: 'ended',
    failed: {},
  })
  t.match((await box.visit(host(blog))).body, /The survivor/)
  t.equal((await box.visit(host(site))).status, 200)
  t.equal((await box.visit(host(web))).status, 200)
  t.equal(listing(join(volumeOf(box, web), 'www/nasty')), before.nasty)
  t.same(await secretsOf(blog), before.blog)
  t.equal(rootOf(), before.root, 'browsers that trusted the old server trust this one')
  t.match((await box.cli(['secret', 'list'])).stdout, /kept/)
  for (const name of [web, site, blog]) t.equal((await box.minion(name)).status, 'running', name)
})

t.test('and it goes on: backups, copies, a proof, no second recovery', async (t) => {
  t.match((await setsOf(box, blog))[0], { state: 'good' })
  succeeded(t, await box.run('POST', `/backups/${(await setsOf(box, web))[0]!.id}/prove`))
  succeeded(t, await box.run('POST', `/minions/${web}/backup`, {}))
  await until('the copy', async () => (await becomes(box, 'disk', 'ok')).sets >= 6)
  restic(box, ['check', '--read-data'])
  const again = await recover(password)
  t.equal(again.code, 1)
  t.match(again.stderr, /a box already/)
})

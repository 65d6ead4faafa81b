/** Destinations: real servers, real restic, and what goes wrong on the way there. What is copied is the set of the box. */
import t from 'tap'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DestinationView } from '../server/backups/destinations/destination.ts'
import type { Event } from '../server/events/event.ts'
import { failed, succeeded } from './aftermath.ts'
import { setsOf } from './backup-box.ts'
import { createBox } from './box.ts'
import {
  becomes,
  createLiar,
  createWire,
  destination,
  freePort,
  serve,
  serveSsh,
  smallDisk,
} from './destinations-rig.ts'

const far = mkdtempSync(join(tmpdir(), 'summoner-far-'))
t.teardown(() => rmSync(far, { recursive: true, force: true }))
const place = (name: string) => {
  mkdirSync(join(far, name), { recursive: true })
  return join(far, name)
}
const small = place('small')
t.teardown(smallDisk(small, '24m'))

const restPort = await freePort()
const restServer = ['restic', place('rest'), '--user', 'box', '--pass', 'a-long-rest-word']
let stopRest = await serve(restServer, restPort)
t.teardown(() => stopRest())
const wire = await createWire(restPort)
t.teardown(() => wire.close())

const sftpPort = await freePort()
const keys = place('keys')
execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(keys, 'id')])
t.teardown(await serveSsh(keys, join(keys, 'id.pub'), sftpPort))

const box = await createBox({ boot: false })
t.teardown(() => box.remove())
/** In the folder of templates, so a part of the set of the box. */
const own = join(box.dir, 'minions/own')
mkdirSync(own)
const configure = (lines: string[]) => {
  const text = readFileSync(box.configFile, 'utf8').replace(/ {2}backups:[\s\S]*$/, '')
  const off = '    dump: "off"\n    cold: "off"\n    prove: "off"\n    check: "off"\n'
  writeFileSync(
    box.configFile,
    `${text}  backups:\n${off}    destinations:\n${lines.map((line) => `      - ${line}\n`).join('')}`,
  )
}
const wrote = (text: string) => writeFileSync(join(own, 'note'), text)
const backUp = async () => {
  const job = await box.run('POST', '/minions/summoner/backup')
  succeeded(t, job)
  return (await setsOf(box, 'summoner'))[0]!
}
const events = async (type: string) =>
  (await box.api<{ events: Event[] }>('GET', `/events?type=${type}`)).body.events
const resticAt = (repository: string, words: string[], env: Record<string, string> = {}) =>
  execFileSync(
    'restic',
    ['--no-cache', '--password-file', join(box.data, 'state/repository-password'), ...words],
    {
      encoding: 'utf8',
      env: { ...process.env, ...env, RESTIC_REPOSITORY: repository },
    },
  )

const DISK = `{name: disk, to: ${join(far, 'disk')}}`
const REST = `{name: rest, to: "rest:http://127.0.0.1:${wire.port}/", env: {RESTIC_REST_USERNAME: box, RESTIC_REST_PASSWORD: {secret: rest-word}}}`
const SFTP = `{name: ssh, to: "sftp://root@127.0.0.1:${sftpPort}/${place('sftp')}", key: {secret: ssh-key}}`

t.test('every good set is copied to each of them, and read back', async (t) => {
  place('disk')
  configure([DISK, REST, SFTP])
  await box.boot()
  for (const [name, value] of [
    ['rest-word', 'a-long-rest-word'],
    ['ssh-key', readFileSync(join(keys, 'id'), 'utf8')],
  ] as const)
    t.equal((await box.cli(['secret', 'set', name], value)).code, 0)
  wrote('first')
  const set = await backUp()
  for (const name of ['disk', 'rest', 'ssh']) {
    const view = await becomes(box, name, 'ok')
    t.match(view, { missing: 0, newest: set.at }, name)
  }
  resticAt(join(far, 'disk'), ['check', '--read-data'])
  resticAt(join(far, 'sftp'), ['check', '--read-data'])
  resticAt(join(far, 'rest'), ['check', '--read-data'])
  const dumped = resticAt(join(far, 'disk'), [
    'dump',
    '--tag',
    `set=${set.id},part=data`,
    'latest',
    join(own, 'note'),
  ])
  t.equal(dumped, 'first', 'restic alone gives it back')
  t.notMatch(box.log(), /a-long-rest-word|OPENSSH PRIVATE/)
  const { code, stdout } = await box.cli(['destinations'])
  t.equal(code, 0)
  t.match(stdout, /disk +✔ ok/)
})

t.test('a second set adds what is new, not everything again', async (t) => {
  const size = () =>
    Number(execFileSync('du', ['-sb', join(far, 'disk')], { encoding: 'utf8' }).split('\t')[0])
  const before = size()
  writeFileSync(join(own, 'bulk'), Buffer.alloc(300_000, 'x'))
  await backUp()
  await becomes(box, 'disk', 'ok')
  t.ok(size() - before < 200_000, `${size() - before} bytes more`)
})

t.test('a server that is down: red with its cause, green again by itself', async (t) => {
  await stopRest()
  wrote('second')
  await backUp()
  const red = await becomes(box, 'rest', 'failed')
  t.match(red.problem, /refused|reset|EOF/)
  t.match(red, { missing: 1, tries: Number, since: String, retryAt: String })
  t.equal((await box.cli(['destinations'])).code, 1)
  t.match((await box.cli(['backups'])).stderr + (await box.cli(['backups'])).stdout, /✖ rest: /)
  const doctor = await box.api<{ checks: { id: string; state: string }[] }>('GET', '/doctor')
  t.match(
    doctor.body.checks.find(({ id }) => id === 'destinations'),
    { state: 'fail', detail: /rest: no copies/ },
  )
  t.equal(
    (await events('destination.failed')).filter(({ subject }) => subject === 'rest').length,
    1,
    'told once',
  )
  stopRest = await serve(restServer, restPort)
  await becomes(box, 'rest', 'ok')
  t.match(await events('destination.recovered'), [{ subject: 'rest' }])
  resticAt(join(far, 'rest'), ['check', '--read-data'])
})

t.test('a line that resets every connection', async (t) => {
  wire.cutAfter(20_000)
  execFileSync('dd', ['if=/dev/urandom', `of=${join(own, 'noise')}`, 'bs=1M', 'count=3'], {
    stdio: 'ignore',
  })
  await backUp()
  const red = await becomes(box, 'rest', 'failed')
  t.ok(red.problem)
  wire.cutAfter(Infinity)
  succeeded(t, await box.run('POST', '/destinations/rest/copy'))
  resticAt(join(far, 'rest'), ['check', '--read-data'])
})

t.test('a server that takes pieces and drops or garbles them', async (t) => {
  const liar = await createLiar(restPort)
  t.teardown(() => liar.close())
  const noise = (name: string) =>
    execFileSync('dd', ['if=/dev/urandom', `of=${join(own, name)}`, 'bs=1M', 'count=2'], { stdio: 'ignore' })
  const LIAR = `{name: liar, to: "rest:http://127.0.0.1:${liar.port}/liar/", env: {RESTIC_REST_USERNAME: box, RESTIC_REST_PASSWORD: {secret: rest-word}}}`
  configure([DISK, LIAR])
  await becomes(box, 'liar', 'ok')
  const { newest } = await destination(box, 'liar')
  liar.lie('drop')
  noise('dropped')
  const dropped = await backUp()
  const red = await becomes(box, 'liar', 'failed')
  t.equal(red.code, 'repository.damaged', String(red.problem))
  t.equal(red.newest, newest, 'what is not whole there does not count')
  t.equal((await destination(box, 'disk')).state, 'ok', 'the others go on')
  liar.lie('none')
  succeeded(t, await box.run('POST', '/destinations/liar/copy'))
  t.match(
    await destination(box, 'liar'),
    { state: 'ok', newest: dropped.at, missing: 0 },
    'honest again, it heals alone',
  )
  resticAt(join(far, 'rest/liar'), ['check', '--read-data'])
  liar.lie('garble')
  noise('garbled')
  await backUp()
  const garbled = await becomes(box, 'liar', 'failed')
  t.equal(garbled.code, 'repository.damaged', String(garbled.problem))
  t.equal(garbled.newest, dropped.at)
  liar.lie('none')
  failed(t, await box.run('POST', '/destinations/liar/copy'), 'repository.damaged')
  t.equal((await destination(box, 'liar')).state, 'failed', 'what is wrong there stays red')
})

t.test('a disk that fills up; with room again it is green', async (t) => {
  const SMALL = `{name: small, to: ${small}}`
  writeFileSync(join(small, 'ballast'), Buffer.alloc(21 << 20))
  configure([DISK, SMALL])
  const red = await becomes(box, 'small', 'failed')
  t.equal(red.code, 'disk.full', String(red.problem))
  t.equal((await destination(box, 'disk')).state, 'ok', 'the others go on')
  rmSync(join(small, 'ballast'))
  succeeded(t, await box.run('POST', '/destinations/small/copy'))
  t.equal((await destination(box, 'small')).state, 'ok')
  resticAt(small, ['check', '--read-data'])
})

t.test('an unmounted disk, an emptied one and a foreign repository are never written to', async (t) => {
  const run = (name: string) => box.run('POST', `/destinations/${name}/copy`)
  renameSync(join(far, 'disk'), join(far, 'away'))
  failed(t, await run('disk'), 'destination.absent', /no folder/)
  mkdirSync(join(far, 'disk'))
  failed(t, await run('disk'), 'destination.changed', /is not there/)
  t.same(readdirSync(join(far, 'disk')), [])
  writeFileSync(join(keys, 'word'), 'other')
  execFileSync('restic', ['init', '--no-cache', '-r', join(far, 'disk'), '-p', join(keys, 'word')])
  failed(t, await run('disk'), 'repository.password', /wrong password/)
  rmSync(join(far, 'disk'), { recursive: true })
  renameSync(join(far, 'away'), join(far, 'disk'))
  succeeded(t, await run('disk'))
  t.match(await destination(box, 'disk'), { state: 'ok' } satisfies Partial<DestinationView>)
})

t.test('a destination that lies is found out', async (t) => {
  const packs = join(far, 'disk/data')
  const [pack = ''] = readdirSync(packs, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.length > 60,
  )
  const bytes = readFileSync(join(packs, pack))
  execFileSync('chmod', ['u+w', join(packs, pack)])
  writeFileSync(
    join(packs, pack),
    bytes.map((byte, index) => (index === bytes.length >> 1 ? byte ^ 1 : byte)),
  )
  failed(t, await box.run('POST', '/destinations/disk/check', { all: true }), 'repository.damaged', /./)
  t.match(await destination(box, 'disk'), { state: 'failed' })
  failed(t, await box.run('POST', '/destinations/disk/copy'), 'repository.damaged')
  t.match(await destination(box, 'disk'), { state: 'failed' }, 'no copy makes it green')
  writeFileSync(join(packs, pack), bytes)
  succeeded(t, await box.run('POST', '/destinations/disk/check', { all: true }))
})

t.test('its own retention, after a newer one was verified', async (t) => {
  configure([`{name: disk, to: ${join(far, 'disk')}, keep: {last: 1}}`])
  wrote('last')
  const newest = await backUp()
  const view = await becomes(box, 'disk', 'ok')
  succeeded(t, await box.run('POST', '/destinations/disk/copy'))
  t.equal((await destination(box, 'disk')).sets, 1, JSON.stringify(view))
  const manifests = JSON.parse(
    resticAt(join(far, 'disk'), ['snapshots', '--json', '--tag', 'part=manifest']),
  ) as {
    tags: string[]
  }[]
  t.same(
    manifests.map(({ tags }) => tags.find((tag) => tag.startsWith('set='))),
    [`set=${newest.id}`],
  )
})

t.test('two boxes in one place, under one password: each sees and keeps its own', async (t) => {
  const other = await createBox({ boot: false })
  t.teardown(() => other.remove())
  mkdirSync(join(other.data, 'state'), { recursive: true, mode: 0o700 })
  cpSync(join(box.data, 'state/repository-password'), join(other.data, 'state/repository-password'))
  const off = '    dump: "off"\n    cold: "off"\n    prove: "off"\n    check: "off"\n'
  const keep = `    destinations: [{name: disk, to: ${join(far, 'disk')}, keep: {last: 1}}]\n`
  other.configure(`  backups:\n${off}${keep}`)
  await other.boot()
  const before = (await becomes(box, 'disk', 'ok')).newest
  for (let count = 0; count < 2; count++) succeeded(t, await other.run('POST', '/minions/summoner/backup'))
  await becomes(other, 'disk', 'ok')
  succeeded(t, await other.run('POST', '/destinations/disk/copy'))
  t.equal((await destination(other, 'disk')).sets, 1, 'the policy of the other box counts its own sets')
  succeeded(t, await box.run('POST', '/destinations/disk/copy'))
  t.match(await destination(box, 'disk'), { state: 'ok', sets: 1, newest: before }, 'this one lost nothing')
  const { code, stderr } = await other.script('scripts/host/recover.ts', [join(far, 'disk')], {
    SUMMONER_RESTORE_PASSWORD: readFileSync(join(box.data, 'state/repository-password'), 'utf8'),
    SUMMONER_DATA_DIR: join(other.dir, 'third'),
  })
  t.equal(code, 1)
  t.match(stderr, new RegExp(`2 boxes: .*${box.boxId()} .${box.domain}`))
  t.match(stderr, /SUMMONER_RESTORE_BOX/)
})

t.test('a server that runs as this very box is told apart', async (t) => {
  const twin = await createBox({ boot: false })
  t.teardown(() => twin.remove())
  mkdirSync(join(twin.data, 'state'), { recursive: true, mode: 0o700 })
  for (const name of ['repository-password', 'box-id'])
    cpSync(join(box.data, 'state', name), join(twin.data, 'state', name))
  const off = '    dump: "off"\n    cold: "off"\n    prove: "off"\n    check: "off"\n'
  twin.configure(`  backups:\n${off}    destinations: [{name: disk, to: ${join(far, 'disk')}}]\n`)
  await twin.boot()
  failed(t, await twin.run('POST', '/destinations/disk/copy'), 'destination.shared', /another server/)
  succeeded(t, await box.run('POST', '/destinations/disk/copy'))
  const { code, stderr } = await twin.cli(['destinations', 'copy', 'disk', '--take-over'])
  t.equal(code, 0, stderr)
  failed(t, await box.run('POST', '/destinations/disk/copy'), 'destination.shared')
  t.match(await destination(box, 'disk'), { state: 'failed', code: 'destination.shared' })
  succeeded(t, await box.run('POST', '/destinations/disk/copy', { takeOver: true }))
  t.match(await destination(box, 'disk'), { state: 'ok' })
})

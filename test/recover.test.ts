import t from 'tap'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../server/events/event.ts'
import type { Job } from '../server/jobs/job.ts'
import { remains, serves, succeeded, until } from './aftermath.ts'
import { createBox, engine } from './box.ts'
import { createDoor } from './second-engine.ts'

const box = await createBox({ boot: false })
const socket = join(box.dir, 'engine.sock')
t.teardown(() => box.remove())
const web = box.name('web')
const jobs = async () => (await box.api<{ jobs: Job[] }>('GET', '/jobs?limit=100')).body.jobs
const atRest = () =>
  until('at rest', async () => (await jobs()).every(({ state }) => !['queued', 'running'].includes(state)))
const started = async () =>
  (await engine.listContainers({ labels: [`io.summoner.box=${box.boxId()}`] }))
    .map(({ id, startedAt }) => `${id} ${startedAt}`)
    .sort()

t.test('the very first start with a config.yml that is not valid', async (t) => {
  const good = readFileSync(box.configFile, 'utf8')
  writeFileSync(box.configFile, good.replace('applications:', 'aplications:'))
  const error: unknown = await box.boot().catch((reason: unknown) => reason)
  const said = (error as Error).message
  t.match(said, /ended with 1/)
  t.match(said, /aplications.*applications/, 'what is wrong, and what was meant')
  t.match(said, /"line":\d+,"column":\d+/, 'and where')
  t.notMatch(said, /node:internal|Node\.js v/, 'in words, without a trace')
  t.equal(said.trim().split('\n').at(-1)?.startsWith('{'), true, 'in the log as everything else')
  writeFileSync(box.configFile, good)
})

t.test('kill -9 with a job that waits behind another', async (t) => {
  await box.boot()
  succeeded(t, await box.run('POST', '/minions', { template: 'hello', name: web }))
  const other = box.name('other')
  const { body } = await box.api<{ job: Job }>('POST', '/minions', {
    template: 'hello',
    name: other,
    env: { MODE: 'slow' },
  })
  await until(
    'it runs',
    async () => (await box.api<Job>('GET', `/jobs/${body.job.id}`)).body.state === 'running',
  )
  const { body: waiting } = await box.api<{ job: Job }>('POST', `/minions/${other}/stop`)
  t.equal((await box.api<Job>('GET', `/jobs/${waiting.job.id}`)).body.state, 'queued')
  await box.kill('SIGKILL')
  await box.boot()
  succeeded(t, await box.ended(body.job.id))
  succeeded(t, await box.ended(waiting.job.id))
  t.match(await box.minion(other), { status: 'stopped', desired: 'stopped' }, 'in the order that was asked')
  await atRest()
  succeeded(t, await box.run('DELETE', `/minions/${other}?purge=true`))
})

t.test('a start with a config.yml that is not valid', async (t) => {
  const good = readFileSync(box.configFile, 'utf8')
  await box.kill('SIGTERM')
  const before = await started()
  writeFileSync(box.configFile, good.replace('applications:', 'aplications:'))
  await box.boot()
  t.ok(await serves(box, web), 'the sites stay up')
  t.match(await box.minion(web), { status: 'running', desired: 'running' }, 'by the last good version')
  t.match(await box.api('GET', '/config/plan'), {
    status: 409,
    body: { code: 'config.invalid', line: Number },
  })
  const { body } = await box.api<{ text: string; etag: string }>('GET', '/config')
  t.match(body.text, 'aplications', 'the text can be read to be repaired')
  t.match(await box.api('POST', '/minions', { template: 'hello', name: box.name('no') }), { status: 409 })
  t.equal((await box.api('PUT', '/config', { text: good }, { 'if-match': body.etag })).status, 200)
  t.match(await box.minion(web), { status: 'running' })
  t.same(await box.apply(), [], 'nothing to change')
  t.same(await started(), before, 'no container was touched')
})

t.test('a start with a damaged SQLite', async (t) => {
  await box.kill('SIGTERM')
  const file = join(box.data, 'state/summoner.db')
  const bytes = readFileSync(file)
  bytes.fill(0x5a, 0, Math.min(bytes.length, 8192))
  writeFileSync(file, bytes)
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
  await box.boot()
  t.match(await box.minion(web), { status: 'running' })
  t.ok(await serves(box, web))
  const { body } = await box.api<{ events: Event[] }>('GET', '/events?type=database.quarantined')
  t.equal(body.events.length, 1, 'it is told')
  t.ok(
    readdirSync(join(box.data, 'state')).some((name) => name.startsWith('summoner.db.damaged-')),
    'it is kept',
  )
  succeeded(t, await box.run('POST', `/minions/${web}/restart`))
})

t.test('a start while the engine is absent', async (t) => {
  await box.kill('SIGTERM')
  const before = await started()
  await box.boot({ DOCKER_HOST: `unix://${socket}` })
  t.match(await box.minion(web), { status: 'degraded', reason: /engine does not answer/ })
  t.match(await box.api('GET', '/config/plan'), { status: 503, body: { code: 'engine.unreachable' } })
  const lost = await box.api<{ events: Event[] }>('GET', '/events?type=engine.lost')
  t.ok(lost.body.events.length > 0, 'it is told')
  t.ok(await serves(box, web), 'the site does not need the daemon')
  const { body } = await box.api<{ job: Job }>('POST', `/minions/${web}/restart`)
  await sleep(500)
  t.equal((await box.api<Job>('GET', `/jobs/${body.job.id}`)).body.state, 'queued', 'a job waits for it')
  t.same(await started(), before)
  const door = await createDoor('/var/run/docker.sock', socket)
  t.teardown(() => door.shut())
  succeeded(t, await box.ended(body.job.id))
  t.match(await box.minion(web), { status: 'running' })
  t.not((await started()).join(), before.join(), 'restarted')
  await atRest()
  await box.kill('SIGTERM')
})

t.test('an instance folder that was written half', async (t) => {
  await box.boot()
  await atRest()
  const dir = join(box.data, 'minions', web)
  const env = readFileSync(join(dir, '.env'), 'utf8')
  await box.kill('SIGKILL')
  const before = await started()
  // as a power cut in the middle of a change leaves it: a half file, the mark of a write under way, files of before
  const halfFile = join(dir, 'setup/.0b2c6a1e-1f6a-4c55-9d0c-3a1f5f6f7a8b.tmp')
  writeFileSync(halfFile, 'half')
  writeFileSync(join(box.data, 'minions', `.${web}.previous.writing`), '')
  const text = readFileSync(box.configFile, 'utf8')
  writeFileSync(box.configFile, text.replace(`name: ${web},`, `name: ${web}, env: {GREETING: changed},`))
  await box.boot()
  t.ok(await serves(box, web))
  t.same(await started(), before, 'what runs is left alone')
  for (const job of await box.apply()) succeeded(t, job)
  t.match((await box.visit(`${web}.${box.domain}`)).body, 'changed')
  t.notOk(existsSync(halfFile))
  const password = /^ADMIN_PASSWORD=.*$/m
  t.equal(
    password.exec(readFileSync(join(dir, '.env'), 'utf8'))?.[0],
    password.exec(env)?.[0],
    'secrets are as they were',
  )
  const half = box.name('half')
  await box.kill('SIGKILL')
  // a first write that was cut short: a folder, and no list of its files
  execFileSync('mkdir', [join(box.data, 'minions', half)])
  writeFileSync(join(box.data, 'minions', half, 'compose.yml'), 'services: {')
  await box.boot()
  succeeded(t, await box.run('POST', '/minions', { template: 'hello', name: half }))
  t.ok(await serves(box, half))
  succeeded(t, await box.run('DELETE', `/minions/${half}?purge=true`))
  t.same(await remains(box, half), [])
})

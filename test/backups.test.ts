/** Backups on the real engine, with the real restic. */
import t from 'tap'
import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ScheduleView } from '../server/schedules/schedule.ts'
import type { Job } from '../server/jobs/job.ts'
import type { Event } from '../server/events/event.ts'
import { backUp, createBackupBox, listing, makeNasty, restic, setsOf, volumeOf } from './backup-box.ts'
import { engine } from './box.ts'
import { failed, succeeded } from './aftermath.ts'

const box = await createBackupBox()
t.teardown(() => box.remove())
const hot = box.name('hot')
const cold = box.name('cold')
const container = async (minion: string) =>
  (
    await engine.listContainers({
      labels: [`io.summoner.box=${box.boxId()}`, `io.summoner.minion=${minion}`],
    })
  )[0]!

t.test('two minions', async (t) => {
  succeeded(t, await box.run('POST', '/minions', { template: 'hello', name: hot }))
  succeeded(t, await box.run('POST', '/minions', { template: 'resting', name: cold }))
  makeNasty(join(volumeOf(box, cold), 'www/nasty'))
})

t.test('one that may run while it is copied keeps running', async (t) => {
  const before = await container(hot)
  const set = await backUp(box, hot)
  t.match(set, { state: 'good', stopped: false, reason: 'request', minion: hot })
  t.ok((set.bytes ?? 0) > 0 && (set.added ?? 0) > 0)
  t.equal((await container(hot)).startedAt, before.startedAt, 'never stopped')
  const stopped = await backUp(box, hot, { stop: true })
  t.match(stopped, { state: 'good', stopped: true })
  t.not((await container(hot)).startedAt, before.startedAt, 'stopped because it was asked for')
  t.ok((stopped.added ?? 0) < (set.added ?? 0), 'the second costs little')
})

t.test('one that must rest is stopped for the second pass only', async (t) => {
  const before = await container(cold)
  const set = await backUp(box, cold)
  t.match(set, { state: 'good', stopped: true })
  t.ok((set.downtimeMs ?? 0) > 0)
  const after = await container(cold)
  t.equal(after.state, 'running')
  t.not(after.startedAt, before.startedAt)
  t.notOk(existsSync(join(volumeOf(box, cold), 'www/quiet')), 'what quieted it is taken back')
  t.equal((await box.visit(`${cold}.${box.domain}`)).status, 200)
})

t.test('the copy is the same to the last attribute', async (t) => {
  const [set] = await setsOf(box, cold)
  const id = (
    JSON.parse(restic(box, ['snapshots', '--json', '--tag', `set=${set!.id},part=data`])) as { id: string }[]
  )[0]!.id
  const back = join(box.dir, 'back')
  restic(box, ['restore', id, '--target', back])
  const nasty = join(volumeOf(box, cold), 'www/nasty')
  t.equal(listing(join(back, nasty)), listing(nasty))
  rmSync(back, { recursive: true })
})

t.test('one that was stopped stays stopped', async (t) => {
  succeeded(t, await box.run('POST', `/minions/${cold}/stop`))
  const set = await backUp(box, cold)
  t.match(set, { state: 'good' })
  t.equal(set.downtimeMs, 0)
  t.equal((await container(cold)).state, 'exited')
  succeeded(t, await box.run('POST', `/minions/${cold}/start`))
})

t.test('told: list, one, events, by command', async (t) => {
  const sets = await setsOf(box, cold)
  t.equal(sets.length, 2)
  const { stdout, code } = await box.cli(['backups', cold])
  t.equal(code, 0)
  for (const { id } of sets) t.match(stdout, id)
  t.match(stdout, /✔ good/)
  const run = await box.cli(['backup', hot])
  t.match(run.stdout, /✔ hot-.*kept running/, run.stderr)
  const { body } = await box.api<{ events: Event[] }>('GET', `/events?minion=${cold}&type=backup.succeeded`)
  t.equal(body.events.length, 2)
  t.equal((await box.api('GET', '/backups/nothing-20260101-000000')).status, 404)
  t.match(await box.api('POST', '/minions/nobody/backup', {}), {
    status: 404,
    body: { code: 'minion.unknown' },
  })
})

t.test('all at once', async (t) => {
  const { status, body } = await box.api<{ jobs: Job[] }>('POST', '/backups')
  t.equal(status, 202)
  const ended = await Promise.all(body.jobs.map(({ id }) => box.ended(id)))
  t.same(ended.map(({ minion }) => minion).sort(), [cold, hot, 'nginx'].sort())
  for (const job of ended) succeeded(t, job)
})

t.test('a repository that takes nothing is red, and the minion runs', async (t) => {
  const repository = join(box.data, 'backups/repository')
  const password = join(box.data, 'state/repository-password')
  t.equal(statSync(password).mode & 0o777, 0o600, 'only root reads the password')
  writeFileSync(join(volumeOf(box, cold), 'www/large'), randomBytes(3_000_000))
  renameSync(join(repository, 'data'), join(repository, 'data.away'))
  writeFileSync(join(repository, 'data'), 'no folder')
  failed(t, await box.run('POST', `/minions/${cold}/backup`, {}), 'exec.failed', /not a directory/)
  rmSync(join(repository, 'data'))
  renameSync(join(repository, 'data.away'), join(repository, 'data'))
  t.equal((await container(cold)).state, 'running')
  t.match((await setsOf(box, cold))[0], { state: 'failed', problem: /\S/ })
  const { body } = await box.api<{ events: Event[] }>('GET', `/events?minion=${cold}&type=backup.failed`)
  t.equal(body.events.length, 1)
  t.match(await backUp(box, cold), { state: 'good' }, 'the next one needs no help')
})

t.test('by the clock, and what stays', async (t) => {
  const { body } = await box.api<{ schedules: ScheduleView[] }>('GET', '/schedules')
  const keys = body.schedules.map(({ key }) => key)
  for (const key of [`cold:${cold}`, `prove:${cold}`, 'check', 'retention', 'proxy'])
    t.ok(keys.includes(key), key)
  t.notOk(keys.includes(`dump:${cold}`), 'without a database there is nothing to dump')
  t.match((await box.cli(['schedules'])).stdout, `cold backup of ${cold}`)
  const before = (await setsOf(box, cold)).filter(({ state }) => state === 'good').length
  const dry = await box.cli(['backups', 'prune', '--dry-run'])
  t.match(dry.stdout, /goes +outside the policy; .* is newer and good/, dry.stderr)
  t.equal(
    (await setsOf(box, cold)).filter(({ state }) => state === 'good').length,
    before,
    'nothing was removed',
  )
  succeeded(t, await box.run('POST', '/retention'))
  const left = (await setsOf(box, cold)).filter(({ state }) => state === 'good')
  t.equal(left.length, 1, 'one a day')
  succeeded(t, await box.run('POST', `/backups/${left[0]!.id}/restore`))
})

t.test('the repository is sound to the last byte', (t) => {
  t.match(restic(box, ['check', '--read-data']), /no errors were found/)
  t.end()
})

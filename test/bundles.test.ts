/** A minion in one file: made on one box, taken and restored on another, as itself and as a clone. */
import t from 'tap'
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../server/jobs/job.ts'
import { failed, succeeded } from './aftermath.ts'
import { createBackupBox, listing, makeNasty, setsOf, volumeOf } from './backup-box.ts'

const [from, to] = await Promise.all([createBackupBox(), createBackupBox()])
t.teardown(() => Promise.all([from.remove(), to.remove()]))
const web = from.name('web')
const nasty = (box: typeof from, minion: string) => join(volumeOf(box, minion), 'nasty')
let file = ''
let password = ''

const take = async (path: string, key = password) =>
  to.api<{ job: Job; set: string; code?: string }>('POST', '/bundles/import', { path, password: key })

t.test('one command makes the file, and tells its password once', async (t) => {
  succeeded(t, await from.run('POST', '/minions', { template: 'resting', name: web }))
  makeNasty(nasty(from, web))
  const { code, stdout, stderr } = await from.cli(['bundle', 'create', web, '--json'])
  t.equal(code, 0, stderr)
  const made = JSON.parse(stdout) as { path: string; password: string; job: Job }
  ;({ path: file, password } = made)
  t.match(password, /^(?:[a-zA-Z0-9]{5}-){4}[a-zA-Z0-9]{5}$/)
  const folder = join(from.data, 'backups/bundles')
  t.same(readdirSync(folder), [file.split('/').at(-1)], 'no work folder and no password is left')
  const { body: jobs } = await from.api('GET', '/jobs?limit=50')
  t.notMatch(JSON.stringify(jobs), password)
  t.notMatch(from.log(), password)
  t.match((await from.cli(['bundles'])).stdout, file)
  const download = await from.api('GET', `/bundles/${file.split('/').at(-1)}/download`)
  t.equal(download.headers['content-length'], String(readFileSync(file).length))
})

t.test('by hand it needs tar and restic', async (t) => {
  const by = {
    cwd: t.testdir(),
    env: { ...process.env, RESTIC_PASSWORD: password },
    stdio: 'ignore',
  } as const
  execFileSync('tar', ['--zstd', '-xf', file], by)
  const words = ['-r', 'repository', 'restore', 'latest', '--tag', 'part=data', '--target', 'out']
  execFileSync('restic', ['--no-cache', ...words], by)
  t.equal(listing(join(by.cwd, 'out', nasty(from, web))), listing(nasty(from, web)))
})

t.test('what is damaged, foreign or locked is refused, and nothing is left of it', async (t) => {
  const folder = join(to.data, 'backups/bundles')
  const whole = readFileSync(file)
  const bad = join(to.dir, 'bad.bundle.tar.zst')
  for (let round = 0; round < 20; round++) {
    const bytes = Buffer.from(whole)
    const at = Math.floor(Math.random() * bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (round % 8))
    writeFileSync(bad, bytes)
    const { status, body } = await take(bad)
    if (status !== 202) t.match(body.code, /^bundle\.(?:damaged|foreign)$/, `bit of byte ${at}`)
    else {
      const job = await to.ended(body.job.id)
      t.equal(job.state, 'failed', `bit of byte ${at}`)
      t.match(job.problem?.code, /^bundle\.(?:damaged|foreign)$/)
    }
  }
  writeFileSync(bad, 'no bundle')
  t.match(await take(bad), { status: 422, body: { code: 'bundle.foreign' } })
  t.match(await take(join(to.dir, 'nowhere')), { status: 404, body: { code: 'bundle.unknown' } })
  const { body } = await take(file, 'not-the-password')
  failed(t, await to.ended(body.job.id), 'bundle.password')
  t.same(await setsOf(to, web), [])
  t.same(readdirSync(folder), [])
})

t.test('on another box it is the minion that it was', async (t) => {
  // its first minion: the proxy comes along
  const brought = join(to.dir, 'brought.bundle.tar.zst')
  copyFileSync(file, brought)
  const { code, stdout, stderr } = await to.cli(['bundle', 'restore', brought, '--yes'], `${password}\n`)
  t.equal(code, 0, `${stdout}\n${stderr}`)
  t.equal(listing(nasty(to, web)), listing(nasty(from, web)))
  t.match(await to.minion(web), { status: 'running' })
  t.equal((await to.visit(`${web}.${to.domain}`)).status, 200)
  t.same(readdirSync(join(to.data, 'backups/bundles')), [])
  const [set] = await setsOf(to, web)
  succeeded(t, await to.run('POST', `/backups/${set?.id}/prove`))
})

t.test('and a clone of it beside it; taken twice it is one set', async (t) => {
  const clone = to.name('clone')
  const { code, stderr } = await to.cli(['bundle', 'restore', file, '--as', clone], `${password}\n`)
  t.equal(code, 0, stderr)
  t.equal(listing(nasty(to, clone)), listing(nasty(from, web)))
  t.equal((await to.visit(`${clone}.${to.domain}`)).status, 200)
  t.equal((await setsOf(to, web)).length, 1)
})

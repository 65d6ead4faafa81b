/** Restores on the real engine: in place, as a clone, after a dismissal; refusals; the way back. */
import t from 'tap'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../server/events/event.ts'
import { failed, saysClearly, succeeded } from './aftermath.ts'
import { backUp, createBackupBox, listing, makeNasty, setsOf, volumeOf } from './backup-box.ts'

const box = await createBackupBox()
t.teardown(() => box.remove())
const web = box.name('web')
const host = (name: string) => `${name}.${box.domain}`
const restored = (set: string, body: object = {}) => box.run('POST', `/backups/${set}/restore`, body)
const www = (name: string) => join(volumeOf(box, name), 'www')
let first = ''
let before = ''

/** Nothing but data lies in the folders: no scaffolding of a restore. */
const scaffolds = () =>
  [join(box.data, 'volumes'), join(box.data, 'volumes/database'), join(box.data, 'minions')].flatMap((dir) =>
    existsSync(dir)
      ? readdirSync(dir).filter((name) => name.startsWith('.restore') || name.startsWith('.proof'))
      : [],
  )

t.test('a set', async (t) => {
  succeeded(t, await box.run('POST', '/minions', { template: 'resting', name: web }))
  makeNasty(join(www(web), 'nasty'))
  writeFileSync(join(www(web), 'note'), 'first')
  first = (await backUp(box, web)).id
  before = listing(join(www(web), 'nasty'))
})

t.test('in place: the data of then, the state before as a set of its own', async (t) => {
  rmSync(join(www(web), 'nasty'), { recursive: true })
  writeFileSync(join(www(web), 'note'), 'damaged')
  writeFileSync(join(www(web), 'new'), 'made since')
  const job = await restored(first)
  succeeded(t, job)
  t.equal(readFileSync(join(www(web), 'note'), 'utf8'), 'first')
  t.notOk(existsSync(join(www(web), 'new')), 'what was made since is not mixed in')
  t.notOk(existsSync(join(www(web), 'quiet')), 'what quieted it for the copy is taken back')
  t.equal(listing(join(www(web), 'nasty')), before)
  t.equal((await box.visit(host(web))).status, 200)
  t.equal((await box.minion(web)).status, 'running')
  t.same(scaffolds(), [])
  const [point] = await setsOf(box, web)
  t.match(point, { reason: 'restore-point', state: 'good' })
  succeeded(t, await restored(point!.id))
  t.equal(readFileSync(join(www(web), 'note'), 'utf8'), 'damaged', 'and back to before the restore')
  t.equal(readFileSync(join(www(web), 'new'), 'utf8'), 'made since')
  succeeded(t, await restored(first))
})

t.test('a clone under another name, beside it', async (t) => {
  const clone = box.name('twin')
  const job = await restored(first, { as: clone, subdomain: 'rehearsal' })
  succeeded(t, job)
  t.equal(readFileSync(join(www(clone), 'note'), 'utf8'), 'first')
  t.equal(listing(join(www(clone), 'nasty')), before)
  t.equal((await box.visit(`rehearsal.${box.domain}`)).status, 200)
  t.equal((await box.visit(host(web))).status, 200)
  const secrets = async (name: string) =>
    (await box.api<{ secrets: Record<string, string> }>('GET', `/minions/${name}/secrets`)).body.secrets
  t.same(await secrets(clone), await secrets(web), 'passwords that the data knows')
  const renamed = readFileSync(join(www(clone), 'renamed.txt'), 'utf8')
  t.match(renamed, host(web))
  t.match(renamed, `rehearsal.${box.domain}`)
  const taken = await box.api('POST', `/backups/${first}/restore`, { as: clone })
  t.match(taken, { status: 409, body: { code: 'minion.exists' } })
})

t.test('one that was dismissed comes back with its address', async (t) => {
  succeeded(t, await box.run('DELETE', `/minions/${web}`))
  const occupied = await box.api('POST', `/backups/${first}/restore`)
  t.match(occupied, { status: 409, body: { code: 'restore.occupied' } }, 'kept data is not overwritten')
  rmSync(join(www(web), 'nasty'), { recursive: true })
  succeeded(t, await box.run('DELETE', `/minions/${web}?purge=true`))
  t.notOk(existsSync(volumeOf(box, web)))
  succeeded(t, await restored(first))
  t.equal(readFileSync(join(www(web), 'note'), 'utf8'), 'first')
  t.equal((await box.visit(host(web))).status, 200)
})

t.test('data with which it does not work goes back', async (t) => {
  writeFileSync(join(www(web), 'note'), 'sick')
  writeFileSync(
    join(box.dir, 'minions/resting/setup/start.sh'),
    readFileSync(join(box.dir, 'minions/resting/setup/start.sh'), 'utf8').replace(
      /^(?=[^#])/m,
      'grep -q sick /www/note && exit 7\n',
    ),
  )
  writeFileSync(join(www(web), 'sick-set'), '')
  const sick = await backUp(box, web)
  writeFileSync(join(www(web), 'note'), 'well')
  const job = await restored(sick.id)
  t.equal(job.state, 'failed', 'a restored copy that never answers is no success')
  saysClearly(t, job.problem, job.problem!.code)
  t.equal(readFileSync(join(www(web), 'note'), 'utf8'), 'well', 'the data of before')
  t.equal((await box.visit(host(web))).status, 200, 'and it serves')
  t.same(scaffolds(), [])
  const { body } = await box.api<{ events: Event[] }>('GET', `/events?minion=${web}&type=restore.failed`)
  t.equal(body.events.length, 1)
})

t.test('refusals change nothing', async (t) => {
  t.match(await box.api('POST', '/backups/nothing-20260101-000000/restore'), { status: 404 })
  const password = join(box.data, 'state/repository-password')
  renameSync(password, `${password}.kept`)
  writeFileSync(password, 'wrong\n')
  failed(t, await restored(first), 'repository.password')
  renameSync(`${password}.kept`, password)
  const repository = join(box.data, 'backups/repository')
  renameSync(join(repository, 'index'), join(repository, 'index.kept'))
  mkdirSync(join(repository, 'index'))
  const job = await restored(first)
  t.equal(job.state, 'failed')
  rmSync(join(repository, 'index'), { recursive: true })
  renameSync(join(repository, 'index.kept'), join(repository, 'index'))
  t.equal(readFileSync(join(www(web), 'note'), 'utf8'), 'well')
  t.equal((await box.visit(host(web))).status, 200)
  const { code, stderr } = await box.cli(['restore', web])
  t.equal(code, 1, 'without a terminal and --yes nothing is replaced')
  t.match(stderr, /--yes/)
})

t.test('by command, the newest set of a minion', async (t) => {
  await backUp(box, web)
  writeFileSync(join(www(web), 'note'), 'later')
  const { code, stdout, stderr } = await box.cli(['restore', web, '--yes'])
  t.equal(code, 0, stderr)
  t.match(stdout, /is as it was in/)
  t.equal(readFileSync(join(www(web), 'note'), 'utf8'), 'well')
})

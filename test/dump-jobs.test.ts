import t from 'tap'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DumpRecord } from '../server/backups/dump.ts'
import type { Event } from '../server/events/event.ts'
import type { Job } from '../server/jobs/job.ts'
import { dumpKills, dumpRig, restoreKills } from './dump-kills.ts'

t.setTimeout(900_000)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
t.comment(`SEED=${seed}`)
const rig = await dumpRig()
const { box, name, sql, sum, tasks } = rig
t.teardown(() => box.remove())
const folder = join(box.data, 'dumps', name)
const list = async () =>
  (await box.api<{ dumps: DumpRecord[]; damaged: unknown[] }>('GET', `/dumps?minion=${name}`)).body

t.test('a dump by the command line', async (t) => {
  const { code, stdout, stderr } = await box.cli(['dump', name])
  t.equal(code, 0, stderr)
  const [file = ''] = readdirSync(folder)
  t.match(file, new RegExp(`^${name}-\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ-dump\\.sql\\.zst$`))
  t.match(stdout, file)
  t.equal(statSync(join(folder, file)).mode & 0o777, 0o600)
  const { dumps, damaged } = await list()
  t.same(damaged, [])
  t.match(dumps, [{ file, minion: name, service: 'mariadb', engine: 'mariadb', database: 'main' }])
  t.match((await box.cli(['dumps', name])).stdout, file)
  t.match((await box.cli(['dumps', name, file])).stdout, /zstd -dc .* \| docker exec -i /)
  const { body } = await box.api<{ jobs: Job[] }>('GET', `/jobs?minion=${name}`)
  const hash = createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex')
  t.match(body.jobs[0], { kind: 'dump', result: { files: [{ file, sha256: hash }] } })
  t.match(
    (await box.api<{ events: Event[] }>('GET', `/events?minion=${name}&type=dump.succeeded`)).body.events,
    [{ type: 'dump.succeeded' }],
  )
  t.same(await tasks(), [])
})

t.test('the file can be fetched', async (t) => {
  const [dump] = (await list()).dumps
  const answer = await box.api<string>('GET', `/dumps/${name}/${dump?.file}/download`)
  t.equal(answer.status, 200)
  t.equal(answer.headers['content-length'], String(dump?.bytes))
})

t.test('what has no database says so', async (t) => {
  t.match(await box.api('POST', '/minions/nginx/dump'), { status: 409, body: { code: 'dump.none' } })
  t.match(await box.api('POST', '/minions/nobody/dump'), { status: 404, body: { code: 'minion.unknown' } })
  t.match(await box.api('GET', `/dumps/${name}/none-dump.sql.zst`), {
    status: 404,
    body: { code: 'dump.unknown' },
  })
})

t.test('a restore by the command line, and by the printed one', async (t) => {
  const before = sum()
  const [dump] = (await list()).dumps
  sql('DELETE FROM kept WHERE id > 5; CREATE TABLE later (a INT);')
  t.match(await box.cli(['restore-dump', name, dump?.file ?? '']), { code: 1, stderr: /confirmation/ })
  const { code, stderr } = await box.cli(['restore-dump', name, dump?.file ?? '', '--yes'])
  t.equal(code, 0, stderr)
  t.equal(sum(), before)
  t.equal(sql("SHOW TABLES LIKE 'later'"), '')
  t.match(await box.minion(name), { status: 'running' })
  t.equal((await list()).dumps.length, 2, 'what was there before is kept')
  sql('DELETE FROM kept WHERE id > 7')
  const { body } = await box.api<{ byHand: string }>('GET', `/dumps/${name}/${dump?.file}`)
  execFileSync('sh', ['-c', body.byHand])
  t.equal(sum(), before)
})

t.test('a damaged dump is refused and changes nothing', async (t) => {
  const before = sum()
  // the newest is that of the few rows before the restore, too small to be cut
  const dump = (await list()).dumps.at(-1)
  const bytes = readFileSync(join(folder, dump?.file ?? ''))
  bytes[1000]! ^= 4
  const file = `${name}-flipped-dump.sql.zst`
  writeFileSync(join(folder, file), bytes)
  const job = await box.run('POST', `/minions/${name}/restore-dump`, { file })
  t.match(job, { state: 'failed', problem: { code: 'dump.damaged' } })
  writeFileSync(join(folder, file), bytes.subarray(0, 5000))
  t.match(await box.api('POST', `/minions/${name}/restore-dump`, { file }), {
    status: 422,
    body: { code: 'dump.damaged' },
  })
  t.match((await list()).damaged, [{ file }])
  t.match(await box.api('DELETE', `/dumps/${name}/${file}`), { status: 204 })
  t.notOk(existsSync(join(folder, file)))
  t.equal(sum(), before)
  t.match(await box.minion(name), { status: 'running' })
})

t.test('a stopped database says so', async (t) => {
  await box.run('POST', `/minions/${name}/stop`)
  t.match(await box.run('POST', `/minions/${name}/dump`), {
    state: 'failed',
    problem: { code: 'dump.stopped' },
  })
  await box.run('POST', `/minions/${name}/start`)
})

t.test('kill -9 during dumps', (t) => dumpKills(t, rig, 3, seed))
t.test('kill -9 during restores', (t) => restoreKills(t, rig, 2, seed))

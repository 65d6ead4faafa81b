/** kill -9 of the daemon at random instants of a dump and of a restore; after each, the box comes to rest by itself. */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { DumpRecord } from '../server/backups/dump.ts'
import { LABEL, type Container } from '../server/docker/container.ts'
import type { Job } from '../server/jobs/job.ts'
import { createBox, engine, type Box } from './box.ts'
import { randomOf } from './kill-rounds.ts'

/** A restore begins anew after the kill; on a busy machine that takes its time. */
const REST_MS = 300_000

export interface DumpRig {
  box: Box
  /** A minion with one MariaDB database and a table `kept` in it. */
  name: string
  sql(text: string): string
  sum(): string
  tasks(): Promise<Container[]>
}

export async function dumpRig(): Promise<DumpRig> {
  const box = await createBox({ catalogue: ['adminer'] })
  const name = box.name('base')
  const added = await box.run('POST', '/minions', { template: 'adminer', name })
  if (added.state !== 'succeeded') {
    await box.remove()
    throw new Error(JSON.stringify(added.problem))
  }
  const script = 'MYSQL_PWD="$MARIADB_ROOT_PASSWORD" exec mariadb -h127.0.0.1 -uroot -N -B -e "$0" main'
  const argv = ['exec', `mariadb-${name}-${box.domain}`, 'sh', '-c', script]
  const sql = (text: string) => execFileSync('docker', [...argv, text], { encoding: 'utf8' }).trim()
  sql(
    'CREATE TABLE kept (id INT PRIMARY KEY, words TEXT); INSERT INTO kept SELECT seq, SHA2(seq, 512) FROM seq_1_to_150000;',
  )
  return {
    box,
    name,
    sql,
    sum: () => sql('CHECKSUM TABLE kept EXTENDED'),
    tasks: () => engine.listContainers({ labels: [`${LABEL.box}=${box.boxId()}`, `${LABEL.kind}=task`] }),
  }
}

export async function dumpKills(t: Test, rig: DumpRig, rounds: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  const before = rig.sum()
  for (let round = 0; round < rounds; round++) {
    const after = Math.floor(random() * 2500)
    await killed(t, rig, `/minions/${rig.name}/dump`, undefined, after, seed)
    t.equal(rig.sum(), before)
    t.match(await rig.box.minion(rig.name), { status: 'running' })
  }
}

/** The database afterwards is that of the dump: the job begins again until it is done. */
export async function restoreKills(t: Test, rig: DumpRig, rounds: number, seed: number): Promise<void> {
  const { box, name } = rig
  const random = randomOf(seed + 1)
  const before = rig.sum()
  const job = await box.run('POST', `/minions/${name}/dump`)
  const { files } = job.result as { files: { file: string }[] }
  for (let round = 0; round < rounds; round++) {
    rig.sql(`DELETE FROM kept WHERE id > ${round}; CREATE TABLE later${round} (a INT)`)
    // the first while the application rests: the second try must know that it has to run again
    const after = round === 0 ? () => rests(rig) : Math.floor(random() * 6000)
    await killed(t, rig, `/minions/${name}/restore-dump`, { file: files[0]?.file }, after, seed)
    t.equal(rig.sum(), before, 'all of the dump is there')
    t.equal(rig.sql(`SHOW TABLES LIKE 'later${round}'`), '', 'and nothing else')
    t.match(await box.minion(name), { status: 'running' })
  }
}

async function killed(
  t: Test,
  { box, name, tasks }: DumpRig,
  path: string,
  body: unknown,
  after: number | (() => Promise<void>),
  seed: number,
): Promise<void> {
  const { body: answer } = await box.api<{ job: Job }>('POST', path, body)
  await (typeof after === 'number' ? sleep(after) : after())
  await box.kill('SIGKILL')
  await box.boot()
  const rested = await rest(box)
  const when = typeof after === 'number' ? `after ${after} ms (seed ${seed})` : 'while it rested'
  t.ok(rested, `killed ${when}: at rest within ${REST_MS / 1000} s`)
  const { body: job } = await box.api<Job>('GET', `/jobs/${answer.job.id}`)
  t.match(job, { state: 'succeeded' }, JSON.stringify(job.problem))
  t.same(
    (await tasks()).map((container) => container.name),
    [],
    'no container is left',
  )
  t.same(debris(box.data), [], 'no half file is left')
  const { body: list } = await box.api<{ dumps: DumpRecord[]; damaged: unknown[] }>(
    'GET',
    `/dumps?minion=${name}`,
  )
  t.same(list.damaged, [])
  for (const { file } of list.dumps)
    execFileSync('zstd', ['-tq', `${box.data}/dumps/${name}/${file}`], { stdio: 'ignore' })
}

async function rests({ box, name }: DumpRig): Promise<void> {
  const application = `${name}-${box.domain}`
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(20))
    if ((await engine.inspect(application)).state === 'exited') return
  throw new Error(`${application} was never stopped`)
}

async function rest(box: Box): Promise<boolean> {
  for (const deadline = Date.now() + REST_MS; Date.now() < deadline; await sleep(100)) {
    const { body } = await box.api<{ jobs: Job[] }>('GET', '/jobs?limit=20')
    if (body.jobs.every(({ state }) => !['queued', 'running'].includes(state))) return true
  }
  return false
}

const debris = (data: string): string[] =>
  execFileSync('find', [`${data}/dumps`, `${data}/run/dumps`, '-name', '*.tmp', '-o', '-name', '*.pipe'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((line) => line !== '')

/** kill -9 at random instants: no stuck job, journal replayed for exactly what was unsettled, undo complete. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import t from 'tap'

const KILLS = Number(process.env['SUMMONER_TEST_KILLS'] ?? 10)
const JOBS = KILLS * 6
const seed = Number(process.env['SUMMONER_TEST_SEED'] ?? Date.now() % 1_000_000)
t.comment(`seed ${seed} (SUMMONER_TEST_SEED), ${KILLS} kills (SUMMONER_TEST_KILLS)`)

let state = seed
/** Mulberry32: the kills of a seed can be had again, as far as the machine's own timing lets them. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

const folder = mkdtempSync(join(tmpdir(), 'summoner-kill-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
for (const name of ['built', 'stopped']) mkdirSync(join(folder, name))

interface Row {
  id: string
  kind: string
  state: string
  problem: string | null
  requeues: number
}

function read() {
  const db = new SQLite(join(folder, 'summoner.db'))
  const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'jobs'").get()
  const journal = has
    ? db.prepare<[], { job: string; key: string }>('SELECT job, key FROM journal ORDER BY seq DESC').all()
    : []
  const jobs = has ? db.prepare<[], Row>('SELECT * FROM jobs ORDER BY seq').all() : []
  const healthy = db.pragma('integrity_check', { simple: true })
  db.close()
  return { journal, jobs, healthy }
}

function told(boot: number): string[] {
  try {
    const lines = readFileSync(join(folder, 'told'), 'utf8').split('\n')
    return lines.filter((line) => line.startsWith(`${boot} `)).map((line) => line.slice(`${boot} `.length))
  } catch {
    return []
  }
}

async function run(boot: number, total: number, killAfterMs?: number) {
  const worker = join(import.meta.dirname, 'job-worker.fixture.ts')
  const child = spawn(process.execPath, [worker, folder, String(boot), String(total)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>
  if (killAfterMs !== undefined) {
    await Promise.race([once(child.stdout, 'data'), exit])
    await sleep(killAfterMs)
    child.kill('SIGKILL')
  } else child.stdout.resume()
  return await exit
}

t.test('the daemon is killed again and again', async (t) => {
  let replays = 0
  let undone = 0
  for (let boot = 1; boot <= KILLS + 1; boot++) {
    const last = boot > KILLS
    const before = read()
    const [code] = await run(boot, last ? JOBS : boot * 6, last ? undefined : random() ** 2 * 120)
    const lines = told(boot)
    const expected = before.journal.map(({ job, key }) => `replay ${job} ${key}`)
    const replayed = lines.filter((line) => line.startsWith('replay'))
    replays += replayed.length
    const whole = lines.includes('started')
    t.same(
      replayed,
      whole ? expected : expected.slice(0, replayed.length),
      `boot ${boot} replays what was unsettled`,
    )
    t.same(
      lines.filter((line) => line.startsWith('error') && !/A job step broke/.test(line)),
      [],
      'no errors',
    )
    const after = read()
    t.equal(after.healthy, 'ok')
    const covered = new Set(after.journal.map(({ key }) => key))
    const uncovered = readdirSync(join(folder, 'stopped')).filter((minion) => !covered.has(`start:${minion}`))
    t.same(uncovered, [], 'whatever is stopped has its journal entry')
    if (last) t.equal(code, 0, 'the last boot ends by itself')
  }

  const { jobs, journal } = read()
  t.equal(jobs.length, JOBS)
  t.same(journal, [])
  t.same(readdirSync(join(folder, 'stopped')), [], 'all that was stopped is started')
  const stuck = jobs.filter(({ state }) => state === 'queued' || state === 'running')
  t.same(stuck, [], 'no job is stuck')
  for (const { id, kind, state, requeues } of jobs) {
    if (kind !== 'build' || requeues > 6) continue
    const built = readdirSync(join(folder, 'built')).filter((name) => name.startsWith(`${id}-`)).length
    t.equal(built, state === 'succeeded' ? 4 : 0, `${id} ${state}`)
    if (state !== 'succeeded') undone++
  }
  t.ok(
    jobs.some(({ requeues }) => requeues > 0),
    'some job was hit',
  )
  t.ok(undone > 0)
  const tally = Object.groupBy(jobs, ({ state }) => state)
  t.comment(
    `${replays} entries replayed; ${jobs.reduce((sum, { requeues }) => sum + requeues, 0)} jobs hit;`,
    Object.entries(tally)
      .map(([state, list]) => `${list?.length} ${state}`)
      .join(', '),
  )
})

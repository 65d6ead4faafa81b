/** A dump by the daemon, against `docker exec ... | zstd` of the same database by hand. */
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '../server/jobs/job.ts'
import { createBox, type Box } from '../test/box.ts'
import type { Figure } from './figure.ts'
import { good, summon, within } from './own-box.ts'
import { median, percentile, timed } from './samples.ts'

const ROWS = 2_000_000

export const dumpFigure: Figure = {
  name: 'dump',
  title: 'Dumping a MariaDB database',
  rounds: 5,
  run: ({ rounds, scale, say }) =>
    within(
      () => createBox({ catalogue: ['adminer'] }),
      async (box) => {
        await summon(box, 'adminer', 'base')
        const container = `mariadb-base-${box.domain}`
        const rows = Math.ceil(ROWS * scale)
        execFileSync('docker', ['exec', '-i', container, ...CLIENT], {
          input: `CREATE TABLE t (id INT PRIMARY KEY, a TEXT, b TEXT, c DOUBLE, d DATETIME); INSERT INTO t SELECT seq, SHA2(seq, 256), CONCAT('customer ', seq, ' of the shop, row ', seq DIV 7, ' with some words that come again'), seq / 3, FROM_UNIXTIME(1500000000 + seq) FROM seq_1_to_${rows};`,
        })
        execFileSync('docker', ['exec', '-i', container, ...CLIENT], { input: WRITER })
        const waits: Record<'own' | 'hand', number[]> = { own: [], hand: [] }
        const own: number[] = []
        const hand: number[] = []
        const growth: number[] = []
        let content = 0
        await ours(box)
        await byHand(box, container)
        for (let round = 0; round < rounds; round++) {
          const before = memory(box)
          const watch = watching(box)
          const { result: job, latencies } = await whileWriting(container, () => ours(box))
          waits.own.push(...latencies)
          growth.push(watch.peak() - before)
          const step = job.steps.find(({ name }) => name === 'dump')
          own.push((Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '')) / 1000)
          content = (job.result as { files: { content: number }[] }).files[0]?.content ?? 0
          const others = await whileWriting(container, () => byHand(box, container))
          waits.hand.push(...others.latencies)
          hand.push(others.result)
          say(
            `daemon ${own.at(-1)?.toFixed(2)} s, by hand ${hand.at(-1)?.toFixed(2)} s, memory +${growth.at(-1)?.toFixed(1)} MB`,
          )
        }
        const [ownWait, handWait] = [percentile(waits.own, 0.99), percentile(waits.hand, 0.99)]
        return {
          measures: [
            {
              what: 'writes meanwhile, p99 during a dump by the daemon / by hand',
              value: ownWait / handWait,
              unit: 'x',
              atMost: 1.1,
            },
            { what: 'a write during a dump by the daemon, p99', value: ownWait, unit: 'ms' },
            { what: 'a write during a dump by hand, p99', value: handWait, unit: 'ms' },
            {
              what: 'time by the daemon / by hand',
              value: median(own) / median(hand),
              unit: 'x',
              atMost: 1 / 0.95,
            },
            { what: 'throughput by the daemon / by hand', value: median(hand) / median(own), unit: 'x' },
            { what: 'a dump by the daemon', value: median(own), unit: 's', samples: own },
            { what: 'by hand', value: median(hand), unit: 's', samples: hand },
            {
              what: 'growth of the daemon’s memory (RSS) meanwhile, at most',
              value: Math.max(...growth),
              unit: 'MB',
              atMost: 40,
            },
          ],
          notes: [
            `Writes: one row in a transaction of its own every 2 ms, timed inside the server, during both; ${waits.own.length} and ${waits.hand.length} of them.`,
            `${rows} rows, ${Math.round(content / 1e6)} MB of SQL; in turns, after one of each that is not counted.`,
            'By hand: `docker exec … mariadb-dump --single-transaction --quick … | zstd -3 > file`, then `sync` of the file; no hash, no accounts, no check of the end.',
          ],
        }
      },
    ),
}

const CLIENT = ['sh', '-c', 'MYSQL_PWD="$MARIADB_ROOT_PASSWORD" exec mariadb -h127.0.0.1 -uroot main']
const DUMP =
  'MYSQL_PWD="$MARIADB_ROOT_PASSWORD" exec mariadb-dump -h127.0.0.1 -uroot --single-transaction --quick --hex-blob --routines --events --triggers main'

/** Rows written for as long as `go` holds a row; how long each took stays in memory. */
const WRITER = `CREATE TABLE go (a INT); CREATE TABLE written (id INT AUTO_INCREMENT PRIMARY KEY, a TEXT);
CREATE TABLE took (us INT) ENGINE=MEMORY;
DELIMITER //
CREATE PROCEDURE write_on() BEGIN
  DECLARE began DATETIME(6);
  WHILE EXISTS (SELECT 1 FROM go) DO
    SET began = SYSDATE(6);
    INSERT INTO written (a) VALUES (UUID());
    INSERT INTO took VALUES (TIMESTAMPDIFF(MICROSECOND, began, SYSDATE(6)));
    DO SLEEP(0.002);
  END WHILE;
END //
`

/** Milliseconds that each write took during the work. */
async function whileWriting<T>(
  container: string,
  work: () => Promise<T>,
): Promise<{ result: T; latencies: number[] }> {
  const sql = (text: string) =>
    execFileSync('docker', ['exec', '-i', container, ...CLIENT], { input: text, encoding: 'utf8' })
  sql('TRUNCATE written; INSERT INTO go VALUES (1)')
  const writing = promisify(execFile)('docker', [
    'exec',
    container,
    ...CLIENT.slice(0, 2),
    `${CLIENT[2]} -e 'CALL write_on()'`,
  ])
  await sleep(500)
  sql('DELETE FROM took')
  const result = await work()
  const latencies = sql('SELECT us FROM took')
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map((line) => Number(line) / 1000)
  sql('DELETE FROM go')
  await writing
  return { result, latencies }
}

async function ours(box: Box): Promise<Job> {
  return good(await box.run('POST', '/minions/base/dump'))
}

async function byHand(box: Box, container: string): Promise<number> {
  const file = join(box.dir, 'by-hand.sql.zst')
  const line = `set -o pipefail; docker exec ${container} sh -c '${DUMP}' | zstd -3 -q -f -o ${file} && sync ${file}`
  const { seconds } = await timed(
    () =>
      new Promise<void>((resolve, reject) => {
        execFile('bash', ['-c', line], (error) => (error ? reject(error) : resolve()))
      }),
  )
  if (statSync(file).size < 1000) throw new Error('the dump by hand is empty')
  return seconds
}

/** MB. */
function memory(box: Box): number {
  const status = readFileSync(`/proc/${box.pid()}/status`, 'utf8')
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024) / 1e6
}

function watching(box: Box) {
  let most = 0
  let over = false
  const looking = (async () => {
    for (; !over; await sleep(25)) most = Math.max(most, memory(box))
  })()
  return {
    peak: (): number => {
      over = true
      void looking
      return most
    },
  }
}

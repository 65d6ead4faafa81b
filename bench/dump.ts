/** A dump by the daemon, against `docker exec ... | zstd` of the same database by hand. */
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '../server/jobs/job.ts'
import { createBox, type Box } from '../test/box.ts'
import type { Figure } from './figure.ts'
import { good, summon, within } from './own-box.ts'
import { median, timed } from './samples.ts'

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
        const own: number[] = []
        const hand: number[] = []
        const growth: number[] = []
        let content = 0
        await ours(box)
        await byHand(box, container)
        for (let round = 0; round < rounds; round++) {
          const before = memory(box)
          const watch = watching(box)
          const job = await ours(box)
          growth.push(watch.peak() - before)
          const step = job.steps.find(({ name }) => name === 'dump')
          own.push((Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '')) / 1000)
          content = (job.result as { files: { content: number }[] }).files[0]?.content ?? 0
          hand.push(await byHand(box, container))
          say(
            `daemon ${own.at(-1)?.toFixed(2)} s, by hand ${hand.at(-1)?.toFixed(2)} s, memory +${growth.at(-1)?.toFixed(1)} MB`,
          )
        }
        return {
          measures: [
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

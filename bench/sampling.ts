/** What watching 50 containers costs: an hour of looks at real ones, their logs growing, everything written. */
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../server/db/open-database.ts'
import { readCgroup } from '../server/docker/cgroup.ts'
import { createAccessLogs } from '../server/samples/access-logs.ts'
import { createSampler } from '../server/samples/create-sampler.ts'
import { readHost } from '../server/samples/host-reading.ts'
import { createSampleStore } from '../server/samples/sample-store.ts'
import { engine } from '../test/box.ts'
import type { Figure } from './figure.ts'
import { within } from './own-box.ts'
import { program } from './program.ts'

const CONTAINERS = 50
const LOOKS = 360
const STEP_MS = 10_000
/** Of each host between two looks: ten a second. */
const REQUESTS = 100
const PREFIX = `bench-sampling-${process.pid}-`

const line = `{"time":"2026-03-01T12:00:00+00:00","host":"a.test","client":"192.0.2.1","method":"GET","path":"/index.html","protocol":"HTTP/2.0","status":200,"sent":5120,"received":420,"seconds":0.012,"upstream":"10.213.0.2:80","upstream_seconds":"0.011","request":"5f2d8c0f7f1c4f6a9b1e","agent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}\n`

/** Fifty that only sleep, and a folder for the rest. */
async function start(count: number) {
  const folder = mkdtempSync(join(tmpdir(), 'summoner-sampling-'))
  const names = Array.from({ length: count }, (_, index) => `${PREFIX}${index}`)
  for (const name of names)
    await program('docker', ['run', '-d', '--name', name, 'summoner/base:trixie', 'sleep', 'infinity'])
  return {
    folder,
    containers: (await engine.listContainers()).filter(({ name }) => name.startsWith(PREFIX)),
    async remove() {
      await program('docker', ['rm', '-f', ...names])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const sampling: Figure = {
  name: 'sampling',
  title: 'Sampling 50 containers',
  rounds: 1,
  run: ({ scale, say }) =>
    within(
      () => start(Math.ceil(CONTAINERS * scale)),
      async ({ folder, containers }) => {
        const { db } = openDatabase({ file: join(folder, 'box.db'), log: { info() {}, error() {} } })
        const logs = createAccessLogs(() => folder)
        const files = containers.map((_, index) => join(folder, `host-${index}.test.access.log`))
        let now = Date.parse('2026-03-01T12:00:00Z')
        const errors: unknown[] = []
        const sampler = createSampler({
          store: createSampleStore(db),
          now: () => now,
          containers: () => containers.map((container) => ({ container, minion: container.name })),
          readContainer: readCgroup,
          readHost: () => readHost(['/', folder]),
          visits: logs.look,
          onError: (error) => errors.push(error),
        })
        const looks = Math.ceil(LOOKS * scale)
        const measured = (busy: boolean) => {
          let [spent, longest] = [0, 0]
          for (let look = 0; look < looks; look++) {
            if (busy) for (const file of files) appendFileSync(file, line.repeat(REQUESTS))
            now += STEP_MS
            const before = process.cpuUsage()
            sampler.look()
            const { user, system } = process.cpuUsage(before)
            spent += (user + system) / 1000
            longest = Math.max(longest, (user + system) / 1000)
          }
          return { percent: (spent / (looks * STEP_MS)) * 100, mean: spent / looks, longest }
        }
        const quiet = measured(false)
        say(`nobody visits: ${quiet.mean.toFixed(1)} ms a look`)
        const busy = measured(true)
        say(`${REQUESTS * files.length} requests between two looks: ${busy.mean.toFixed(1)} ms a look`)
        db.pragma('wal_checkpoint(TRUNCATE)')
        const series = db.prepare('SELECT count(*) FROM sample_series').pluck().get() as number
        const bytes = statSync(db.name).size
        db.close()
        if (errors.length > 0) throw errors[0]
        return {
          measures: [
            { what: 'processor, nobody visits', value: quiet.percent, unit: '%', atMost: 1 },
            { what: 'processor, 500 requests a second', value: busy.percent, unit: '%', atMost: 1 },
            { what: 'longest look with its write', value: Math.max(quiet.longest, busy.longest), unit: 'ms' },
            { what: 'series', value: series, unit: 'count' },
            { what: 'database after two hours', value: bytes / 1e6, unit: 'MB' },
          ],
          notes: [
            `${containers.length} containers that sleep, read from the kernel's own files each 10 s; ${looks} looks each way with a clock that is set forward, so that an hour of writing is counted too.`,
            'Time of user and kernel of this process, of one core; the engine is asked nothing.',
          ],
        }
      },
    ),
}

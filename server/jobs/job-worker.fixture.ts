/** A small daemon for kill.test.ts: jobs whose acts are files, so that what a kill leaves can be seen. */
import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../db/open-database.ts'
import { createJobs } from './create-jobs.ts'
import type { Step } from './job.ts'

const [folder = '', boot = '', total = '0'] = process.argv.slice(2)
const tell = (line: string) => appendFileSync(join(folder, 'told'), `${boot} ${line}\n`)
const log = {
  info() {},
  warn() {},
  error: (data: unknown, text?: string) => tell(`error ${text} ${JSON.stringify(data)}`),
}
const { db, quarantined } = openDatabase({ file: join(folder, 'summoner.db'), log })
if (quarantined) tell('error quarantined')
process.stdout.write('open\n')

const count = () => db.prepare<[], number>('SELECT count(*) FROM jobs').pluck().get() ?? 0
let made = count()
const jobs = createJobs({
  db,
  log,
  redact: (text) => text,
  newId: () => `job${String(++made).padStart(3, '0')}`,
  keep: 10_000,
})

interface Input {
  index: number
  minion: string
  fails: boolean
  failsEarly: boolean
}

const file = (...parts: string[]) => join(folder, ...parts)
const pause = () => sleep(Math.random() * 6)

jobs.register<Input>({
  kind: 'build',
  afterCrash: 'requeue',
  steps: ({ fails, failsEarly }) =>
    [0, 1, 2, 3].map((number): Step => {
      const built = (id: string) => file('built', `${id}-${number}`)
      return {
        name: `step ${number}`,
        uncancellable: number === 1,
        async run({ jobId, signal, log, progress }) {
          // Fails before anything is built, but only where an earlier run was killed behind this step.
          if (number === 0 && failsEarly && existsSync(file('built', `${jobId}-1`)))
            throw new Error('second time')
          writeFileSync(built(jobId), '')
          log(`built ${number}`)
          progress(number, 4, 'steps')
          await pause()
          signal.throwIfAborted()
          if (number === 3 && fails) throw new Error('as told')
        },
        async undo({ jobId }) {
          await pause()
          rmSync(built(jobId), { force: true })
        },
      }
    }),
})

for (const afterCrash of ['requeue', 'interrupt'] as const) {
  jobs.register<Input>({
    kind: `pause-${afterCrash}`,
    afterCrash,
    steps: ({ minion, fails }) => [
      {
        name: 'stop',
        async run({ journal }) {
          journal({ key: `start:${minion}`, kind: 'start', minion })
          await pause()
          writeFileSync(file('stopped', minion), '')
        },
        async undo({ settle }) {
          rmSync(file('stopped', minion), { force: true })
          await pause()
          settle(`start:${minion}`)
        },
      },
      {
        name: 'save',
        async run() {
          await pause()
          if (fails) throw new Error('as told')
        },
      },
      {
        name: 'start',
        async run({ settle }) {
          rmSync(file('stopped', minion), { force: true })
          await pause()
          settle(`start:${minion}`)
        },
      },
    ],
  })
}

jobs.subscribe((change) => {
  const third = change.type === 'job' && change.job.steps[2]?.state === 'running'
  if (third && Number(change.job.id.slice(3)) % 7 === 0 && !change.job.problem) jobs.cancel(change.job.id)
})

await jobs.start(async ({ jobId, key, minion }) => {
  tell(`replay ${jobId} ${key}`)
  await pause()
  if (minion) rmSync(file('stopped', minion), { force: true })
})
tell('started')

const kinds = ['build', 'pause-requeue', 'pause-interrupt', 'build', 'pause-requeue']
const running: Promise<unknown>[] = jobs.list({ limit: 500 }).map(({ id }) => jobs.ended(id))
for (let index = made; index < Number(total); index++) {
  const minion = `minion-${index % 4}`
  const input: Input = { index, minion, fails: index % 3 === 2, failsEarly: index % 4 === 0 }
  running.push(jobs.ended(jobs.submit({ kind: kinds[index % 5] ?? '', minion, input, actor: 'test' }).id))
  await pause()
}
await Promise.all(running)
await jobs.stop(1000)
db.close()
process.stdout.write('done\n')

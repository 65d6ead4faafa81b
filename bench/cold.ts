/** Cold backups of a minion with large folders, against stop, `tar -czf`, start; and the way back against plain restic. */
import { execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupSet } from '../server/backups/set.ts'
import type { Job } from '../server/jobs/job.ts'
import { backUp, createBackupBox, volumeOf } from '../test/backup-box.ts'
import type { Box } from '../test/box.ts'
import { whileDaemonSleeps } from './by-hand.ts'
import type { Figure } from './figure.ts'
import { good, within } from './own-box.ts'
import { program } from './program.ts'
import { median, timed } from './samples.ts'

const BYTES = 5e9
const FILE_BYTES = 1_000_000
const SMALL_FILES = 20_000
const DAYS = 7

export const cold: Figure = {
  name: 'cold',
  title: 'Cold backups of 5 GB',
  rounds: 3,
  run: ({ rounds, scale, say }) =>
    within(
      () => createBackupBox({ boot: false }),
      async (box) => {
        box.configure('  backups: {dump: "off", cold: "off", prove: "off", check: "off"}\n')
        await box.boot()
        good(await box.run('POST', '/minions', { template: 'resting', name: 'site' }))
        const folder = join(volumeOf(box, 'site'), 'www/files')
        const files = fill(folder, scale)
        say(`${files} files`)
        const bare: number[] = []
        for (let round = 0; round < rounds + 2; round++) bare.push(await atRest(box, async () => {}))
        say(`stop and start alone: ${bare.map((seconds) => seconds.toFixed(2)).join(', ')} s`)

        const sets: BackupSet[] = []
        for (let day = 1; day <= DAYS; day++) {
          if (day > 1) touch(folder, files, day)
          const set = await backUp(box, 'site')
          sets.push(set)
          say(
            `day ${day}: at rest ${((set.downtimeMs ?? 0) / 1000).toFixed(2)} s, ${Math.round((set.added ?? 0) / 1e6)} MB stored`,
          )
        }
        const stored = sizeOf(join(box.data, 'backups/repository'))

        const archive = join(box.dir, 'by-hand.tar.gz')
        const byHand: number[] = []
        for (let round = 0; round < Math.max(1, rounds - 2); round++) {
          byHand.push(
            await atRest(box, () =>
              program('tar', ['-czf', archive, '-C', box.data, 'volumes/site', 'minions/site']),
            ),
          )
          say(`by hand: at rest ${byHand.at(-1)?.toFixed(1)} s`)
        }
        const packed = statSync(archive).size
        rmSync(archive)

        const ours: number[] = []
        const plain: number[] = []
        const newest = sets.at(-1)!
        for (let round = 0; round < rounds; round++) {
          plain.push(await restorePlainly(box, newest))
          ours.push(await restore(box, newest))
          say(`back: ${ours.at(-1)?.toFixed(1)} s, plain restic ${plain.at(-1)?.toFixed(1)} s`)
        }

        const beyond = ({ downtimeMs = 0 }: BackupSet) => Math.max(0, downtimeMs / 1000 - median(bare))
        const handBeyond = median(byHand) - median(bare)
        const later = sets.slice(1).map(beyond)
        return {
          measures: [
            {
              what: 'at rest beyond stop and start, 1 % changed, ours / by hand',
              value: (median(later) / handBeyond) * 100,
              unit: '%',
              atMost: 10,
            },
            {
              what: 'the same of the very first backup',
              value: (beyond(sets[0]!) / handBeyond) * 100,
              unit: '%',
              atMost: 10,
            },
            { what: 'stop and start alone', value: median(bare), unit: 's', samples: bare },
            {
              what: 'at rest, ours, 1 % changed',
              value: median(later) + median(bare),
              unit: 's',
              samples: later,
            },
            { what: 'at rest, by hand', value: median(byHand), unit: 's', samples: byHand },
            { what: `stored by ${DAYS} daily backups, ours`, value: stored / 1e6, unit: 'MB' },
            { what: `stored by ${DAYS} archives`, value: (packed * DAYS) / 1e6, unit: 'MB' },
            {
              what: 'time of the way back, ours / plain restic',
              value: median(ours) / median(plain),
              unit: 'x',
              atMost: 1 / 0.8,
            },
            { what: 'the way back, ours', value: median(ours), unit: 's', samples: ours },
            { what: 'plain restic', value: median(plain), unit: 's', samples: plain },
          ],
          notes: [
            `${files} files, half of the bytes random and half text; each day 1 % of the files are written anew.`,
            'By hand: `docker compose stop`, `tar -czf` of the folders, `docker compose start`, the daemon asleep meanwhile. One archive is made; seven are taken to be as large.',
            'Ours of the way back: the step that fetches the set and has it on disk. Plain: `restic restore` of the same snapshot into an empty folder, then `sync`. In turns, each with an empty page cache where the kernel lets us.',
          ],
        }
      },
    ),
}

/** Half noise, half words; one large file in a thousand small ones would be nobody's folder. */
function fill(folder: string, scale: number): number {
  const small = Math.ceil(SMALL_FILES * scale)
  const large = Math.ceil((BYTES * scale - small * 4000) / FILE_BYTES)
  for (let index = 0; index < small + large; index++) {
    if (index % 500 === 0) mkdirSync(join(folder, String(index / 500)), { recursive: true })
    writeFileSync(fileOf(folder, index), content(index, index < small ? 4000 : FILE_BYTES, 1))
  }
  execFileSync('sync')
  return small + large
}

const fileOf = (folder: string, index: number) => join(folder, String(Math.floor(index / 500)), `${index}`)

function content(index: number, bytes: number, day: number): Buffer {
  if (index % 2 === 0) return randomFillSync(Buffer.alloc(bytes))
  const words = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at += 96)
    words.write(
      `${createHash('sha1')
        .update(`${index} ${day} ${at >> 9}`)
        .digest('hex')} was written on day ${day}, it says, and so on. `,
      at,
    )
  return words
}

/** One of a hundred. */
function touch(folder: string, files: number, day: number): void {
  for (let index = day; index < files; index += 100) {
    const { size } = statSync(fileOf(folder, index))
    writeFileSync(fileOf(folder, index), content(index, size, day))
  }
}

const sizeOf = (dir: string): number =>
  Number(execFileSync('du', ['-sb', dir], { encoding: 'utf8' }).split('\t')[0])

/** Seconds for which it does not run. */
const atRest = (box: Box, work: () => Promise<unknown>): Promise<number> =>
  whileDaemonSleeps(box, async () => {
    const cwd = join(box.data, 'minions/site')
    const { project } = JSON.parse(
      readFileSync(join(box.data, 'state/minions/site.applied.json'), 'utf8'),
    ) as { project: string }
    const compose = (verb: string) => program('docker', ['compose', '-p', project, verb], { cwd })
    const { seconds } = await timed(async () => {
      await compose('stop')
      await work()
      await compose('start')
    })
    return seconds
  })

/** What a page cache holds would be read for nothing. */
function forgetPages(): void {
  execFileSync('sync')
  writeFileSync('/proc/sys/vm/drop_caches', '1')
}

async function restore(box: Box, set: BackupSet): Promise<number> {
  forgetPages()
  const job: Job = good(await box.run('POST', `/backups/${set.id}/restore`))
  const step = job.steps.find(({ name }) => name === 'fetch')
  return (Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '')) / 1000
}

async function restorePlainly(box: Box, set: BackupSet): Promise<number> {
  const target = join(box.data, 'volumes/.by-hand')
  forgetPages()
  const words = [
    '--repo',
    join(box.data, 'backups/repository'),
    '--password-file',
    join(box.data, 'state/repository-password'),
  ]
  const { seconds } = await timed(async () => {
    await program('restic', [
      '--no-cache',
      ...words,
      'restore',
      '--no-lock',
      'latest',
      '--tag',
      `set=${set.id},part=data`,
      '--target',
      target,
    ])
    await program('sync', ['--file-system', target])
  })
  rmSync(target, { recursive: true, force: true })
  return seconds
}

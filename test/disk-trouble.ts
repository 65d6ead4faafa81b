/**
 * Disks that fill up or break while something is saved, restored or taken out: red with the cause, the minion serves, and
 * with the disk well again the next run needs nobody. Real file systems in a file; where none can be mounted the test
 * says so.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Job } from '../server/jobs/job.ts'
import { serves } from './aftermath.ts'
import { addRestingTemplate, backUp, restic, setsOf, volumeOf } from './backup-box.ts'
import { createBox, type Box } from './box.ts'
import { randomOf } from './kill-rounds.ts'

const run = (...argv: string[]) => execFileSync(argv[0]!, argv.slice(1), { stdio: 'pipe' })

interface Disk {
  path: string
  free(): number
  /** Leaves so many bytes. */
  fill(left: number): void
  empty(): void
  /** Every read and write of it is an error of the kernel's from now on. */
  breakDown(): void
  mend(): void
  remove(): void
}

/** Empty where this host lets a test mount one. */
export function noDisk(): string | false {
  try {
    createDisk('8M').remove()
    return false
  } catch (error) {
    return `no file system can be mounted here: ${String(error).slice(0, 300)}`
  }
}

function createDisk(size: string): Disk {
  const dir = mkdtempSync(join(tmpdir(), 'disk-'))
  const path = join(dir, 'm')
  const image = join(dir, 'image')
  const ballast = join(path, 'ballast')
  const mount = () => {
    run('mount', '-o', 'loop', image, path)
    // what is begun beside gets a view of its own of all mounts: it has to let go of this one when we do
    run('mount', '--make-shared', path)
  }
  try {
    run('truncate', '--size', size, image)
    run('mkfs.ext4', '-q', '-m', '0', image)
    mkdirSync(path)
    mount()
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    throw error
  }
  const free = () => {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  }
  return {
    path,
    free,
    fill(left) {
      const bytes = free() - left
      if (bytes > 0) run('fallocate', '--length', String(bytes), ballast)
    },
    empty: () => rmSync(ballast, { force: true }),
    // EXT4_IOC_SHUTDOWN, the journal not written: as a disk that is pulled out
    breakDown: () =>
      void run(
        'perl',
        '-e',
        'my $how = pack("L", 2); open(F, "<", $ARGV[0]) && ioctl(F, 0x8004587D, $how) or die $!',
        path,
      ),
    mend() {
      run('umount', path)
      for (let tries = 0; tries < 100 && run('losetup', '--associated', image).length > 0; tries++)
        run('sleep', '0.1')
      mount()
    },
    remove() {
      if (existsSync(path)) run('umount', '--lazy', path)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

type Trouble = 'full' | 'broken'
const CODES: Record<Trouble, RegExp> = {
  full: /^disk\.(?:full|readonly)$/,
  broken: /^disk\.(?:failing|readonly|full)$/,
}

export async function diskTrouble(t: Test, trouble: Trouble, rounds: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  const disk = createDisk('1G')
  t.teardown(() => disk.remove())
  const box = await createBox({ boot: false })
  t.teardown(() => box.remove())
  addRestingTemplate(box)
  // the repository lies on that disk; the daemon, its database and the minion do not
  mkdirSync(box.data, { recursive: true })
  execFileSync('ln', ['-s', disk.path, join(box.data, 'backups')])
  const off = '    dump: "off"\n    cold: "off"\n    prove: "off"\n    check: "off"\n'
  box.configure(`  backups:\n${off}    keep: {last: 2}\n`)
  await box.boot()
  const name = box.name('web')
  const job = await box.run('POST', '/minions', { template: 'resting', name })
  if (job.state !== 'succeeded') throw new Error(JSON.stringify(job.problem))
  const change = () => {
    const file = join(volumeOf(box, name), 'www/noise')
    execFileSync('dd', ['if=/dev/urandom', `of=${file}`, 'bs=1M', 'count=12'], { stdio: 'ignore' })
  }
  change()
  const since = performance.now()
  await backUp(box, name)
  const span = performance.now() - since
  await rest(box)
  let red = 0
  for (let round = 1; round <= rounds; round++) {
    change()
    const path = round % 4 === 0 ? '/retention' : `/minions/${name}/backup`
    const { body } = await box.api<{ job: Job }>('POST', path)
    const after = Math.floor(random() * span)
    const left = Math.floor(random() * 14_000_000)
    await sleep(after)
    if (trouble === 'full') disk.fill(left)
    else disk.breakDown()
    const label = `${trouble} ${round}/${rounds}: ${body.job.kind}, after ${after} ms${trouble === 'full' ? `, ${left} bytes left` : ''} (seed ${seed})`
    const ended = await box.ended(body.job.id)
    await rest(box)
    if (ended.state === 'succeeded') {
      t.pass(`${label}: it had what it needed`)
    } else {
      red++
      t.equal(ended.state, 'failed', label)
      t.match(ended.problem?.code, CODES[trouble], `${label}: ${ended.problem?.detail}`)
    }
    t.ok(await serves(box, name), `${label}: the minion serves`)
    t.equal((await box.minion(name)).status, 'running')
    for (const set of await setsOf(box, name)) t.not(set.state, 'running', `${set.id} is not left underway`)
    if (trouble === 'full') disk.empty()
    else disk.mend()
    t.match(await backUp(box, name), { state: 'good' }, `${label}: well again, the next run needs nobody`)
    await rest(box)
  }
  t.comment(`${red} of ${rounds} were refused by the disk`)
  const again = await box.run('POST', '/retention')
  t.equal(again.state, 'succeeded', JSON.stringify(again.problem))
  t.match(restic(box, ['check', '--read-data']), /no errors were found/)
  await everySetIsThere(t, box, name)
}

async function everySetIsThere(t: Test, box: Box, name: string): Promise<void> {
  for (const set of await setsOf(box, name)) {
    if (set.state !== 'good') continue
    const parts = JSON.parse(
      restic(box, ['snapshots', '--no-lock', '--json', '--tag', `set=${set.id}`]),
    ) as unknown[]
    t.ok(parts.length >= 2, `${set.id} is green and there`)
  }
}

async function rest(box: Box): Promise<void> {
  for (const deadline = Date.now() + 180_000; ; await sleep(100)) {
    const { body } = await box.api<{ jobs: Job[] }>('GET', '/jobs?limit=20')
    if (body.jobs.every(({ state }) => !['queued', 'running'].includes(state))) return
    if (Date.now() > deadline) throw new Error('the box does not come to rest')
  }
}

/** A file of the minion that its disk cannot read any more: the copy is no backup, and says which file it is. */
export async function unreadable(t: Test): Promise<void> {
  const disk = createDisk('64M')
  t.teardown(() => disk.remove())
  const box = await createBox({ boot: false })
  t.teardown(() => box.remove())
  addRestingTemplate(box)
  await box.boot()
  const name = box.name('web')
  const job = await box.run('POST', '/minions', { template: 'resting', name })
  if (job.state !== 'succeeded') throw new Error(JSON.stringify(job.problem))
  const place = join(volumeOf(box, name), 'www/disk')
  mkdirSync(place)
  execFileSync('dd', ['if=/dev/urandom', `of=${join(disk.path, 'photo')}`, 'bs=1M', 'count=30'], {
    stdio: 'ignore',
  })
  disk.mend()
  run('mount', '--bind', disk.path, place)
  let mounted = true
  const unmount = () => {
    if (mounted) run('umount', '--lazy', place)
    mounted = false
  }
  t.teardown(unmount)
  // the blocks of the file are not there any more: as sectors that cannot be read
  run('truncate', '--size', '12M', join(disk.path, '..', 'image'))
  const { body } = await box.api<{ job: Job }>('POST', `/minions/${name}/backup`)
  const ended = await box.ended(body.job.id)
  t.equal(ended.state, 'failed')
  t.match(ended.problem, { code: 'backup.unread', detail: /photo.*(?:input.output|EIO)/i })
  t.ok(await serves(box, name), 'the minion serves')
  t.match(await setsOf(box, name), [{ state: 'failed', problem: /photo/ }])
  unmount()
  writeFileSync(join(place, 'photo'), 'from an older copy')
  t.match(await backUp(box, name), { state: 'good' })
}

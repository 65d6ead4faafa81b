import t, { type Test } from 'tap'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job } from '../server/jobs/job.ts'
import type { Problem } from '../server/errors.ts'
import { failed, remains, saysClearly, serves, succeeded, until } from './aftermath.ts'
import { createBox, type Box } from './box.ts'

const run = (...argv: string[]) => execFileSync(argv[0]!, argv.slice(1), { stdio: 'pipe' })

/** A file system of 96 MB of its own; where this host cannot mount one the test says so. */
function smallDisk(): { path: string; remove(): void } | { problem: string } {
  const dir = mkdtempSync(join(tmpdir(), 'disk-'))
  const path = join(dir, 'm')
  try {
    run('truncate', '--size', '96M', join(dir, 'image'))
    run('mkfs.ext4', '-q', '-m', '0', join(dir, 'image'))
    run('mkdir', path)
    run('mount', '-o', 'loop', join(dir, 'image'), path)
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    return { problem: (error as Error).message.slice(0, 300) }
  }
  return {
    path,
    remove() {
      run('umount', '--lazy', path)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Whatever the way a write ends, it is told as the disk's fault, at once or on the job. */
async function refusedByDisk(
  t: Test,
  box: Box,
  name: string,
  code: 'disk.full' | 'disk.readonly',
): Promise<void> {
  const { status, body } = await box.api<Problem & { job: Job }>('POST', '/minions', {
    template: 'hello',
    name,
  })
  if (status === 202) {
    const job = await box.ended(body.job.id)
    if (job.problem?.code === 'config.write') failed(t, job, 'config.write')
    else failed(t, job, code)
    return
  }
  t.equal(status, 507, JSON.stringify(body))
  saysClearly(t, body, body.code === 'config.write' ? 'config.write' : code)
}

const disk = smallDisk()
const skip = 'problem' in disk ? `no file system can be mounted here: ${disk.problem}` : false

t.test('a disk that is full', { skip }, async (t) => {
  if ('problem' in disk) return
  const box = await createBox({ parent: disk.path })
  t.teardown(async () => {
    await box.remove()
    disk.remove()
  })
  const web = box.name('web')
  const late = box.name('late')
  succeeded(t, await box.run('POST', '/minions', { template: 'hello', name: web }))
  const ballast = join(disk.path, 'ballast')
  const fill = () => {
    for (const size of ['1M', '4k', '1k'])
      try {
        run('sh', '-c', 'exec dd if=/dev/zero bs="$0" of="$1" oflag=append conv=notrunc 2>&1', size, ballast)
      } catch {
        // dd ends when nothing fits any more
      }
  }
  fill()
  const before = readFileSync(box.configFile, 'utf8')
  const etag = (await box.api<{ etag: string }>('GET', '/config')).body.etag
  const replaced = await box.api<Problem>(
    'PUT',
    '/config',
    { text: `${before}${`# ${'x'.repeat(200)}\n`.repeat(300)}` },
    { 'if-match': etag },
  )
  t.equal(replaced.status, 507, JSON.stringify(replaced.body))
  saysClearly(t, replaced.body, 'config.write', /disk is full/)
  t.equal(readFileSync(box.configFile, 'utf8'), before, 'config.yml is as it was')
  fill()
  await refusedByDisk(t, box, late, 'disk.full')
  t.same(await remains(box, late), [])
  t.ok(await serves(box, web), 'the neighbour serves')
  t.equal((await box.api('GET', '/minions')).status, 200)
  t.equal((await box.minion(web)).status, 'running')
  rmSync(ballast)
  t.match(readFileSync(box.configFile, 'utf8'), /^summoner:\n/, 'config.yml is whole')
  await until('it is at rest', async () =>
    (await box.api<{ jobs: Job[] }>('GET', '/jobs')).body.jobs.every(({ endedAt }) => endedAt !== undefined),
  )
  const exists = (await box.api('GET', `/minions/${late}`)).status === 200
  if (exists) for (const job of await box.apply()) succeeded(t, job)
  else succeeded(t, await box.run('POST', '/minions', { template: 'hello', name: late }))
  t.ok(await serves(box, late), 'once there is room it works')
  await box.kill('SIGTERM')
  await box.boot()
  t.equal((await box.minion(late)).status, 'running', 'and after a restart')
})

t.test('a file system that is read-only', { skip }, async (t) => {
  const box = await createBox()
  const web = box.name('web')
  const late = box.name('late')
  const folder = join(box.data, 'minions')
  succeeded(t, await box.run('POST', '/minions', { template: 'hello', name: web }))
  run('mount', '--bind', folder, folder)
  let mounted = true
  const unmount = () => {
    if (mounted) run('umount', folder)
    mounted = false
  }
  t.teardown(async () => {
    unmount()
    await box.remove()
  })
  run('mount', '-o', 'remount,bind,ro', folder)
  await refusedByDisk(t, box, late, 'disk.readonly')
  t.same(await remains(box, late), [])
  const before = statSync(join(folder, web, '.env')).mtimeMs
  writeFileSync(
    box.configFile,
    readFileSync(box.configFile, 'utf8').replace(`name: ${web},`, `name: ${web}, env: {GREETING: other},`),
  )
  const { body } = await box.api<{ jobs: Job[] }>('POST', '/config/apply', { yes: true, only: [web] })
  failed(t, await box.ended(body.jobs[0]!.id), 'disk.readonly')
  t.equal(statSync(join(folder, web, '.env')).mtimeMs, before)
  t.ok(await serves(box, web), 'what ran before runs on')
  unmount()
  for (const job of await box.apply()) succeeded(t, job)
  t.match((await box.visit(`${web}.${box.domain}`)).body, 'other')
  t.ok(await serves(box, late))
})

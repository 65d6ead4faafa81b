/** What the tests of backups share: a box with a minion that is stopped for its copies, and folders that are hard to copy. */
import { execFileSync } from 'node:child_process'
import { cpSync, linkSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupSet } from '../server/backups/set.ts'
import type { Job } from '../server/jobs/job.ts'
import { createBox, type Box, type BoxOptions } from './box.ts'

/** `hello`, but a copy of it is whole only while it is stopped; its commands leave marks. */
export function addRestingTemplate(box: Box, name = 'resting'): void {
  const dir = join(box.dir, 'minions', name)
  cpSync(join(box.dir, 'minions/hello'), dir, { recursive: true })
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(dir, file), change(readFileSync(join(dir, file), 'utf8')))
  edit('compose.yml', (text) => text.replaceAll('HELLO_SUBDOMAIN', `${name.toUpperCase()}_SUBDOMAIN`))
  edit('minion.yml', (text) =>
    text
      .replace('name: hello', `name: ${name}`)
      .replace(
        'backup:\n  consistency: hot\n',
        [
          'backup:',
          '  consistency: cold',
          '  before:',
          '    - { service: hello, argv: [touch, /www/quiet] }',
          '  after:',
          '    - { service: hello, argv: [rm, -f, /www/quiet] }',
          '',
        ].join('\n'),
      )
      .replace('verify:\n', 'verify:\n  - file: { service: hello, path: /www/index.html }\n'),
  )
}

export async function createBackupBox(options: BoxOptions = {}): Promise<Box> {
  const box = await createBox({ ...options, boot: false })
  addRestingTemplate(box)
  if (options.boot !== false) await box.boot()
  return box
}

export const volumeOf = (box: Box, minion: string): string => join(box.data, 'volumes', minion)

export async function setsOf(box: Box, minion: string): Promise<BackupSet[]> {
  const { body } = await box.api<{ sets: BackupSet[] }>('GET', `/backups?minion=${minion}`)
  return body.sets
}

export async function backUp(box: Box, minion: string, body: object = {}): Promise<BackupSet> {
  const job = await box.run('POST', `/minions/${minion}/backup`, body)
  return (await box.api<BackupSet>('GET', `/backups/${setOf(job)}`)).body
}

export function setOf(job: Job): string {
  if (job.state !== 'succeeded') throw new Error(`${job.kind} ${job.state}: ${JSON.stringify(job.problem)}`)
  return (job.result as { set: string }).set
}

export const restic = (
  box: Box,
  words: readonly string[],
  repository = join(box.data, 'backups/repository'),
): string =>
  execFileSync(
    'restic',
    [
      '--no-cache',
      '--repo',
      repository,
      '--password-file',
      join(box.data, 'state/repository-password'),
      ...words,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  )

/** Names, owners, modes, links, holes, times and attributes that copies like to lose. */
export function makeNasty(dir: string): void {
  mkdirSync(dir, { recursive: true })
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: dir })
  writeFileSync(join(dir, 'plain'), 'text')
  writeFileSync(join(dir, ' leading space and\nline'), 'x')
  writeFileSync(join(dir, 'é–☃ [*]? "quoted" \\back'), 'unicode')
  writeFileSync(Buffer.concat([Buffer.from(`${dir}/not-utf8-`), Buffer.from([0xff, 0xfe])]), 'bytes')
  writeFileSync(join(dir, 'n'.repeat(255)), 'longest name')
  mkdirSync(join(dir, 'deep', ...'abcdefghij'.split('').map((letter) => letter.repeat(80))), {
    recursive: true,
  })
  writeFileSync(join(dir, 'secret'), 's', { mode: 0o600 })
  run('chown', '1234:4321', 'secret')
  run('chmod', '4755', 'plain')
  linkSync(join(dir, 'plain'), join(dir, 'hard'))
  symlinkSync('/nowhere/at/all', join(dir, 'dangling'))
  symlinkSync('plain', join(dir, 'soft'))
  run('truncate', '-s', '64M', 'sparse')
  writeFileSync(join(dir, 'empty'), '')
  mkdirSync(join(dir, 'empty folder'))
  run('mkfifo', 'pipe')
  run('setfattr', '-n', 'user.note', '-v', 'kept', 'secret')
  run('setfacl', '-m', 'u:4242:r', 'secret')
  utimesSync(join(dir, 'empty'), 1, 981173106.5)
}

/** One line an entry: everything that must be equal after the way there and back. */
export function listing(dir: string): string {
  const find = execFileSync(
    'find',
    [
      '.',
      '-mindepth',
      '1',
      '-printf',
      '%P\t%y\t%m\t%U:%G\t%n\t%l\t%T@\t',
      '(',
      '-type',
      'd',
      '-printf',
      'd\n',
      '-o',
      '-printf',
      '%s\n',
      ')',
    ],
    { cwd: dir, encoding: 'latin1' },
  )
  const sums = execFileSync('sh', ['-c', 'find . -type f -print0 | sort -z | xargs -0 -r sha256sum'], {
    cwd: dir,
    encoding: 'latin1',
  })
  const attributes = execFileSync('sh', ['-c', 'getfattr -Rhd -m - . ; getfacl -Rpn .'], {
    cwd: dir,
    encoding: 'latin1',
  })
  return [find.split('\n').sort().join('\n'), sums, attributes].join('\n---\n')
}

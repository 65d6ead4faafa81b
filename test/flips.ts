/**
 * One bit of a file is another, anywhere in a repository or in a bundle: it is found, and what is given back is what was
 * saved or nothing. (Dumps: server/backups/dump-file.test.ts, all over the file.)
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { readBundle } from '../server/backups/bundles/read-bundle.ts'
import { writeBundle } from '../server/backups/bundles/write-bundle.ts'
import { createRepository } from '../server/backups/repository.ts'
import { createExec } from '../server/docker/exec.ts'
import { asSummonerError } from '../server/errors.ts'
import { listing } from './backup-box.ts'
import { randomOf } from './kill-rounds.ts'

const signal = new AbortController().signal

function flip(file: string, random: () => number): { at: number; back(): void } {
  const good = readFileSync(file)
  const bad = Buffer.from(good)
  const bit = Math.floor(random() * good.length * 8)
  bad[bit >> 3]! ^= 1 << (bit & 7)
  // restic's files are read-only
  chmodSync(file, 0o600)
  writeFileSync(file, bad)
  return { at: bit, back: () => writeFileSync(file, good) }
}

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'found nothing',
    (error: unknown) => asSummonerError(error).code,
  )

async function setUp(t: Test) {
  const dir = mkdtempSync(join(tmpdir(), 'summoner-flips-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const source = join(dir, 'source')
  mkdirSync(source)
  writeFileSync(join(dir, 'password'), 'flip-by-flip\n')
  execFileSync('dd', ['if=/dev/urandom', `of=${join(source, 'noise')}`, 'bs=64k', 'count=20'], {
    stdio: 'ignore',
  })
  for (let count = 0; count < 200; count++)
    writeFileSync(join(source, `file ${count}`), `${count}\n`.repeat(count))
  const repository = createRepository({
    exec: createExec({ runDir: join(dir, 'children'), network: {}, redact: (text) => text }),
    location: join(dir, 'repository'),
    passwordFile: join(dir, 'password'),
    cacheDir: join(dir, 'cache'),
  })
  await repository.ensure()
  const { snapshot } = await repository.copy({
    paths: [source],
    tags: { minion: 'a', part: 'data', set: 'a-1' },
  })
  await repository.keep('a-1.json', '{"all": "of it"}\n', { minion: 'a', part: 'manifest', set: 'a-1' })
  return { dir, source, repository, snapshot }
}

const filesOf = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((name) => !name.includes('/locks/'))
    .sort()

export async function repositoryFlips(t: Test, rounds: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  const { dir, source, repository, snapshot } = await setUp(t)
  const saved = listing(source)
  const files = filesOf(join(dir, 'repository'))
  const kinds = [
    ...new Set(files.map((file) => file.slice(join(dir, 'repository').length + 1).split('/')[0])),
  ]
  for (let round = 1; round <= rounds; round++) {
    // every kind of file in turn: nearly all bytes are data
    const kind = kinds[round % kinds.length]
    const some = files.filter((file) => file.startsWith(join(dir, 'repository', kind ?? '')))
    const file = some[Math.floor(random() * some.length)]!
    const { at, back } = flip(file, random)
    const label = `${round}/${rounds}, bit ${at} of ${file.slice(dir.length)} (${statSync(file).size} bytes, seed ${seed})`
    t.match(
      await outcome(repository.check(true)),
      /^repository\.(?:damaged|password|missing)$/,
      `${label}: found`,
    )
    const target = join(dir, 'back')
    // a damaged repository gives back what was saved, or says that it cannot
    const gave = await outcome(repository.restore({ snapshot, target }))
    if (gave === 'found nothing')
      t.equal(listing(join(target, source)), saved, `${label}: given back as it was`)
    else t.match(gave, /^repository\./, `${label}: refused`)
    rmSync(target, { recursive: true, force: true })
    back()
  }
  await repository.check(true)
}

export async function bundleFlips(t: Test, rounds: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  const { dir } = await setUp(t)
  const file = join(dir, 'a.bundle.tar.zst')
  const about = {
    version: 1,
    set: 'a-20260101-030000',
    minion: 'a',
    template: 'hello',
    summoner: '0.1.0',
    at: '2026-01-01T03:00:00.000Z',
  }
  await writeBundle(file, dir, about, { signal, onProgress: () => {} })
  const whole = await readBundle(file, { limit: Infinity })
  for (let round = 1; round <= rounds; round++) {
    const { at, back } = flip(file, random)
    const read = readBundle(file, { limit: Infinity })
    const said = await outcome(read)
    const label = `${round}/${rounds}, bit ${at} (seed ${seed})`
    t.match(said, /^(?:bundle\.(?:damaged|foreign)|set\.newer|disk\.full)$/, `${label}: ${said}`)
    back()
  }
  t.same(await readBundle(file, { limit: Infinity }), whole)
}

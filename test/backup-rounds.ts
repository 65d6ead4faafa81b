/** kill -9 of the daemon at random instants of backups, restores and prunes; after each the box comes to rest by itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Job } from '../server/jobs/job.ts'
import { backUp, createBackupBox, restic, setsOf, volumeOf } from './backup-box.ts'
import { engine, type Box } from './box.ts'
import { randomOf } from './kill-rounds.ts'

const BACK_WITHIN_MS = 15_000
const REST_WITHIN_MS = 180_000

export type BackupVerb = 'backup' | 'restore' | 'prune'

const SPAN_MS: Record<BackupVerb, number> = { backup: 9_000, restore: 14_000, prune: 5_000 }

export async function backupRounds(t: Test, verb: BackupVerb, rounds: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  const box = await createBackupBox()
  t.teardown(() => box.remove())
  const name = box.name('web')
  const job = await box.run('POST', '/minions', { template: 'resting', name })
  if (job.state !== 'succeeded') throw new Error(JSON.stringify(job.problem))
  const note = join(volumeOf(box, name), 'www/note')
  writeFileSync(note, 'saved')
  const { id } = await backUp(box, name)
  for (let round = 1; round <= rounds; round++) {
    writeFileSync(note, `round ${round}`)
    writeFileSync(`${note}-large`, Buffer.alloc(4_000_000, random()))
    const after = Math.floor(random() * SPAN_MS[verb])
    await begin(box, verb, name, id)
    await sleep(after)
    await box.kill('SIGKILL')
    await box.boot()
    const label = `${verb} ${round}/${rounds}, killed after ${after} ms (seed ${seed})`
    t.ok(await runsWithin(box, name), `${label}: the minion runs within 15 s`)
    t.ok(await rests(box), `${label}: at rest`)
    const text = readFileSync(note, 'utf8')
    t.ok(
      verb === 'restore' ? ['saved', `round ${round}`].includes(text) : text === `round ${round}`,
      `${label}: ${text}`,
    )
    t.equal((await box.visit(`${name}.${box.domain}`)).status, 200, 'it serves')
    for (const set of await setsOf(box, name)) {
      t.not(set.state, 'running', 'nothing is left underway')
      if (set.state !== 'good') continue
      const parts = JSON.parse(
        restic(box, ['snapshots', '--no-lock', '--json', '--tag', `set=${set.id}`]),
      ) as unknown[]
      t.ok(parts.length >= 2, `${set.id} is green and there`)
    }
    t.same(scaffolds(box), [], 'no scaffolding stays')
    t.match(await backUp(box, name), { state: 'good' }, 'the next backup needs nobody')
  }
  t.match(restic(box, ['check', '--read-data']), /no errors were found/)
}

async function begin(box: Box, verb: BackupVerb, name: string, set: string): Promise<void> {
  if (verb === 'backup') await box.api('POST', `/minions/${name}/backup`)
  else if (verb === 'restore') await box.api('POST', `/backups/${set}/restore`)
  else await box.api('POST', '/retention')
}

async function runsWithin(box: Box, name: string): Promise<boolean> {
  for (const deadline = Date.now() + BACK_WITHIN_MS; Date.now() < deadline; await sleep(100)) {
    const containers = await engine.listContainers({
      labels: [`io.summoner.box=${box.boxId()}`, `io.summoner.minion=${name}`],
    })
    if (containers.length > 0 && containers.every(({ state }) => state === 'running')) return true
  }
  return false
}

async function rests(box: Box): Promise<boolean> {
  for (const deadline = Date.now() + REST_WITHIN_MS; Date.now() < deadline; await sleep(200)) {
    const { body } = await box.api<{ jobs: Job[] }>('GET', '/jobs?limit=20')
    if (body.jobs.every(({ state }) => !['queued', 'running'].includes(state))) return true
  }
  return false
}

const scaffolds = (box: Box): string[] =>
  [join(box.data, 'volumes'), join(box.data, 'minions')].flatMap((dir) =>
    readdirSync(dir).filter((name) => name.startsWith('.restore') || name.startsWith('.proof')),
  )

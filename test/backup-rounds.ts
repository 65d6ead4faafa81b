/**
 * kill -9 of the daemon at random instants of backups, restores, prunes and copies; after each the box comes to rest by
 * itself, and what was begun ends well without anybody's help.
 */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { DestinationView } from '../server/backups/destinations/destination.ts'
import type { Job } from '../server/jobs/job.ts'
import { backUp, createBackupBox, restic, setsOf, volumeOf } from './backup-box.ts'
import { engine, type Box } from './box.ts'
import { randomOf } from './kill-rounds.ts'

const BACK_WITHIN_MS = 15_000
const REST_WITHIN_MS = 180_000
/** Rounds between two backups that nobody asked for: they show that what a kill left is in nobody's way. */
const FRESH_EVERY = 10

export type BackupVerb = 'backup' | 'restore' | 'prune' | 'copy'

interface Rig {
  box: Box
  name: string
  /** The set that restores take. */
  set: string
  far: string
}

export async function backupRounds(t: Test, verb: BackupVerb, rounds: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  const box = await createBackupBox({ boot: false })
  t.teardown(() => box.remove())
  const far = join(box.dir, 'far')
  mkdirSync(far)
  const destinations = verb === 'copy' ? `    destinations: [{name: disk, to: ${far}}]\n` : ''
  box.configure(
    `  backups:\n    dump: "off"\n    cold: "off"\n    prove: "off"\n    check: "off"\n${destinations}`,
  )
  await box.boot()
  const name = box.name('web')
  const job = await box.run('POST', '/minions', { template: 'resting', name })
  if (job.state !== 'succeeded') throw new Error(JSON.stringify(job.problem))
  const note = join(volumeOf(box, name), 'www/note')
  const write = (text: string) => {
    writeFileSync(note, text)
    // noise, so that there is something to store, to copy and to give back
    execFileSync('dd', ['if=/dev/urandom', `of=${note}-large`, 'bs=1M', 'count=4'], { stdio: 'ignore' })
  }
  write('saved')
  const { id } = await backUp(box, name)
  const rig: Rig = { box, name, set: id, far }
  await rests(box)
  write('to measure')
  const span = await spanOf(verb, rig)
  t.comment(`${verb} takes ${span} ms`)

  for (let round = 1; round <= rounds; round++) {
    write(`round ${round}`)
    // something to take out, and something to copy
    if (verb === 'prune' || verb === 'copy') await backUp(box, name)
    if (verb === 'prune') await rests(box)
    const after = Math.floor(random() * span)
    const begun = await begin(verb, rig)
    await sleep(after)
    await box.kill('SIGKILL')
    await box.boot()
    const label = `${verb} ${round}/${rounds}, killed after ${after} ms of ${span} (seed ${seed})`
    t.ok(await runsWithin(box, name), `${label}: the minion runs within 15 s`)
    t.ok(await rests(box), `${label}: at rest`)
    const ended = (await box.api<Job>('GET', `/jobs/${begun}`)).body
    t.equal(
      ended.state,
      'succeeded',
      `${label}: ${ended.kind} ended by itself ${JSON.stringify(ended.problem)}`,
    )
    t.equal(readFileSync(note, 'utf8'), verb === 'restore' ? 'saved' : `round ${round}`, `${label}: its data`)
    t.equal((await box.visit(`${name}.${box.domain}`)).status, 200, 'it serves')
    await nothingFalse(t, rig)
    t.same(scaffolds(box), [], 'no scaffolding stays')
    if (round % FRESH_EVERY === 0 || round === rounds)
      t.match(await backUp(box, name), { state: 'good' }, 'the next backup needs nobody')
    if (verb === 'copy') await copied(t, rig, label)
  }
  t.ok(await rests(box), 'at rest in the end')
  t.match(restic(box, ['check', '--read-data']), /no errors were found/)
  if (verb === 'copy') t.match(restic(box, ['check', '--read-data'], far), /no errors were found/)
}

/** Undisturbed, so that kills fall anywhere into it. */
async function spanOf(verb: BackupVerb, rig: Rig): Promise<number> {
  const { box, name } = rig
  if (verb === 'copy' || verb === 'prune') await backUp(box, name)
  await rests(box)
  const since = performance.now()
  await box.ended(await begin(verb, rig))
  const took = performance.now() - since
  await rests(box)
  return Math.round(took + 300)
}

async function begin(verb: BackupVerb, { box, name, set }: Rig): Promise<string> {
  const path = {
    backup: `/minions/${name}/backup`,
    restore: `/backups/${set}/restore`,
    prune: '/retention',
    copy: '/destinations/disk/copy',
  }[verb]
  const { status, body } = await box.api<{ job: Job }>('POST', path)
  if (status !== 202) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`)
  return body.job.id
}

/** Whatever is green is there, both halves of it; nothing is left underway. */
async function nothingFalse(t: Test, { box, name }: Rig): Promise<void> {
  const there = JSON.parse(restic(box, ['snapshots', '--no-lock', '--json'])) as { tags: string[] }[]
  const has = (set: string, part: string) =>
    there.some(({ tags }) => tags.includes(`set=${set}`) && tags.includes(`part=${part}`))
  for (const { id, state } of [...(await setsOf(box, name)), ...(await setsOf(box, 'summoner'))]) {
    t.not(state, 'running', `${id} is not left underway`)
    if (state === 'good') t.ok(has(id, 'data') && has(id, 'manifest'), `${id} is green and there`)
  }
}

/** What the destination says it holds, it holds. */
async function copied(t: Test, { box, far }: Rig, label: string): Promise<void> {
  const look = async () =>
    (await box.api<{ destinations: DestinationView[] }>('GET', '/destinations')).body.destinations[0]
  let view = await look()
  for (const deadline = Date.now() + REST_WITHIN_MS; Date.now() < deadline; await sleep(200)) {
    view = await look()
    if (view?.state === 'ok' && view.job === undefined) break
  }
  t.match(view, { state: 'ok', missing: 0 }, `${label}: ${JSON.stringify(view)}`)
  const there = JSON.parse(restic(box, ['snapshots', '--no-lock', '--json'], far)) as { tags: string[] }[]
  const manifests = there.filter(({ tags }) => tags.includes('part=manifest'))
  t.equal(manifests.length, view?.sets, `${label}: as many sets as it says`)
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

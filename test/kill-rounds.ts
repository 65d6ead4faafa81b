/** kill -9 of the daemon at random instants of a verb; after each, the box must come to rest by itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../server/jobs/job.ts'
import type { Minion } from '../server/minions/minion.ts'
import { createBox, engine, type Box } from './box.ts'

/** Park-Miller: a printed seed repeats a run. */
export function randomOf(seed: number): () => number {
  let state = seed % 2147483647 || 1
  return () => (state = (state * 48271) % 2147483647) / 2147483647
}

const WITHIN_MS = 30_000

interface Round {
  t: Test
  box: Box
  name: string
  host: string
}

/** `verb` begins the change and returns at once; `check` looks at the box after it came to rest. */
export async function killRounds(
  t: Test,
  rounds: number,
  seed: number,
  verb: {
    name: string
    before(round: Round): Promise<void>
    begin(round: Round): Promise<void>
    check(round: Round, minion: Minion | undefined): void | Promise<void>
    spanMs: number
  },
): Promise<void> {
  const random = randomOf(seed)
  const box = await createBox()
  t.teardown(() => box.remove())
  const name = box.name('web')
  const round = { t, box, name, host: `${name}.${box.domain}` }
  // the proxy is there before anything is killed
  await box.run('POST', '/minions', { template: 'hello', name: box.name('first') })
  for (let count = 0; count < rounds; count++) {
    await verb.before(round)
    const after = Math.floor(random() * verb.spanMs)
    await verb.begin(round)
    await sleep(after)
    await box.kill('SIGKILL')
    await box.boot()
    const rested = await rest(box)
    t.ok(
      rested,
      `${verb.name} ${count + 1}/${rounds}, killed after ${after} ms (seed ${seed}): at rest within 30 s`,
    )
    const found = (await box.api<{ minions: Minion[] }>('GET', '/minions')).body.minions.find(
      (minion) => minion.name === name,
    )
    await verb.check(round, found)
    t.same(await leftovers(round, found), [], `nothing is left behind (${after} ms)`)
    t.equal((await box.visit(`${box.name('first')}.${box.domain}`)).status, 200, 'the neighbour serves')
  }
}

async function rest(box: Box): Promise<boolean> {
  for (const deadline = Date.now() + WITHIN_MS; Date.now() < deadline; await sleep(100)) {
    const { body } = await box.api<{ jobs: Job[] }>('GET', '/jobs?limit=20')
    if (body.jobs.every(({ state }) => !['queued', 'running'].includes(state))) return true
  }
  return false
}

/** Containers or networks of a minion that is not there, temporary files, programs of an ended daemon. */
async function leftovers({ box, name }: Round, minion: Minion | undefined): Promise<string[]> {
  const left: string[] = []
  const containers = await engine.listContainers({
    labels: [`io.summoner.box=${box.boxId()}`, `io.summoner.minion=${name}`],
  })
  const expected = minion?.desired === 'running' && minion.status === 'running'
  if (!expected)
    left.push(...containers.map((container) => `container ${container.name} (${container.state})`))
  const names = containers.map((container) => container.name)
  if (new Set(names).size !== names.length) left.push(`doubled containers: ${names.join()}`)
  if (!expected)
    for (const network of await engine.listNetworks())
      if (network.name.includes(`${name}_`)) left.push(`network ${network.name}`)
  left.push(...temporaryFiles(box.data))
  for (const mark of existsSync(join(box.data, 'run/children'))
    ? readdirSync(join(box.data, 'run/children'))
    : [])
    left.push(`mark of program ${mark}`)
  return left
}

function temporaryFiles(dir: string): string[] {
  return execFileSync('find', [dir, '-name', '*.tmp', '-not', '-path', '*/volumes/*'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
}

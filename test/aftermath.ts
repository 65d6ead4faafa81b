/** What a failure must leave: a clear word, nothing of the minion, a neighbour that serves. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { catalogue, type Problem } from '../server/errors.ts'
import type { Job } from '../server/jobs/job.ts'
import { createEngine } from '../server/docker/engine.ts'
import { LABEL } from '../server/docker/container.ts'
import type { Box } from './box.ts'

const engine = createEngine({ socketPath: '/var/run/docker.sock' })

/** Generous: a slow machine is no failure. */
export async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 180_000; !(await condition()); await sleep(200))
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`)
}

/** `detail` where it is known what it must name. */
export function saysClearly(
  t: Test,
  problem: Problem | undefined,
  code: keyof typeof catalogue,
  detail: RegExp = /\S{3}/,
): void {
  t.match(problem, { code, title: catalogue[code][1], detail, hint: /\S{3}/ }, JSON.stringify(problem))
}

export function failed(t: Test, job: Job, code: keyof typeof catalogue, detail?: RegExp): void {
  t.equal(job.state, 'failed', `${job.kind} ${job.minion} failed`)
  saysClearly(t, job.problem, code, detail)
}

export const succeeded = (t: Test, job: Job): void =>
  void t.equal(job.state, 'succeeded', `${job.kind} ${job.minion}: ${JSON.stringify(job.problem)}`)

/** Containers and networks that carry the minion's name on this box. */
export async function remains(box: Box, minion: string): Promise<string[]> {
  const containers = await engine.listContainers({
    labels: [`${LABEL.box}=${box.boxId()}`, `${LABEL.minion}=${minion}`],
  })
  const networks = (await engine.listNetworks()).filter(({ name }) => name.includes(`-${minion}_`))
  return [...containers, ...networks].map(({ name }) => name)
}

export const serves = async (box: Box, minion: string): Promise<boolean> =>
  (await box.visit(`${minion}.${box.domain}`).catch(() => undefined))?.status === 200

/** Minions that share a database server, for tests on the real engine: entries of config.yml, and SQL as the application says it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { LABEL } from '../server/docker/container.ts'
import type { DatabaseServer } from '../server/databases/database.ts'
import type { Job } from '../server/jobs/job.ts'
import { engine, type Box, type BoxOptions } from './box.ts'
import { createBackupBox } from './backup-box.ts'

export const KINDS = [
  { template: 'ledger', service: 'mariadb', server: 'databases-mariadb-11-8' },
  { template: 'register', service: 'postgres', server: 'databases-postgres-17' },
] as const

/** About as long as a move takes here. */
const SPAN_MS = 7_000

export interface Entry {
  template: string
  database?: string
}

export type SharedRig = Awaited<ReturnType<typeof createSharedRig>>

export async function createSharedRig(options: BoxOptions = {}) {
  const box = await createBackupBox({
    templates: ['hello', 'ledger', 'register'],
    catalogue: ['databases-mariadb', 'databases-postgres', ...(options.catalogue ?? [])],
    boot: false,
    ...(options.config ? { config: options.config } : {}),
  })
  return rigOf(box)
}

export function rigOf(box: Box) {
  const containerOf = async (minion: string, service: string) =>
    (await engine.listContainers({ labels: [`${LABEL.box}=${box.boxId()}`] })).find(
      ({ labels, service: own }) => labels[LABEL.minion] === minion && own === service,
    )

  /** SQL by the application's own account, from inside the application. */
  const ask = async (minion: string, template: string, sql: string, database?: string): Promise<string> => {
    const app = await containerOf(minion, template)
    if (!app) throw new Error(`${minion} does not run`)
    const argv = ['sh', '/summoner/ask.sh', sql, ...(database ? [database] : [])]
    const { code, stdout, stderr } = await engine.execIn(app.id, argv)
    if (code !== 0) throw new Error(stderr || stdout)
    return stdout.trim()
  }

  const servers = async (): Promise<DatabaseServer[]> =>
    (await box.api<{ servers: DatabaseServer[] }>('GET', '/databases')).body.servers

  return {
    box,
    containerOf,
    ask,
    rows: (minion: string, template: string) =>
      ask(minion, template, 'SELECT id, words FROM entries ORDER BY id'),
    servers,
    /** `minion state` of each that has a database on the server. */
    tenants: async (server: string): Promise<string[]> =>
      ((await servers()).find(({ name }) => name === server)?.tenants ?? []).map(
        ({ minion, state }) => `${minion} ${state}`,
      ),
    /** In place of all entries of config.yml. */
    wish(entries: Record<string, Entry>): void {
      const text = readFileSync(box.configFile, 'utf8')
      const lines = Object.entries(entries).map(
        ([name, { template, database }]) =>
          `    - {name: ${name}, template: ${template}${database ? `, database: ${database}` : ''}}\n`,
      )
      const [before, after = ''] = text.split(/ {2}applications:.*\n(?: {4}.*\n)*/)
      writeFileSync(box.configFile, `${before}  applications:\n${lines.join('')}${after}`)
    },
    tasks: () => engine.listContainers({ labels: [`${LABEL.box}=${box.boxId()}`, `${LABEL.kind}=task`] }),
  }
}

export function succeededAll(t: Test, jobs: readonly Job[]): void {
  for (const job of jobs)
    t.equal(job.state, 'succeeded', `${job.kind} ${job.minion}: ${JSON.stringify(job.problem)}`)
}

/** Applies what config.yml says of the minion, and kills the daemon at random instants until the job has ended. */
export async function killedMove(
  box: Box,
  minion: string,
  random: () => number,
  kills: number,
): Promise<{ job: Job; kills: number[]; steps: string[] }> {
  const { body } = await box.api<{ jobs: Job[] }>('POST', '/config/apply', { yes: true, only: [minion] })
  const id = body.jobs.find((job) => job.minion === minion)?.id
  if (id === undefined) throw new Error(`nothing to apply: ${JSON.stringify(body)}`)
  const waits: number[] = []
  const steps: string[] = []
  while (waits.length < kills) {
    const wait = Math.floor(random() * SPAN_MS)
    await sleep(wait)
    const { body: job } = await box.api<Job>('GET', `/jobs/${id}`)
    if (!['queued', 'running'].includes(job.state)) break
    await box.kill()
    waits.push(wait)
    steps.push(job.steps.find(({ state }) => state === 'running')?.name ?? job.state)
    await box.boot()
  }
  return { job: await box.ended(id), kills: waits, steps }
}

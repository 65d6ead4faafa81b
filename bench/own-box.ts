/** A box that is gone afterwards, also after Ctrl-C. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Job } from '../server/jobs/job.ts'
import type { Plan } from '../server/minions/plan.ts'
import { createBox, type Box } from '../test/box.ts'
import { program } from './program.ts'

const open = new Set<{ remove(): Promise<void> }>()

export async function within<Thing extends { remove(): Promise<void> }, T>(
  make: () => Promise<Thing>,
  work: (thing: Thing) => Promise<T>,
): Promise<T> {
  const thing = await make()
  open.add(thing)
  try {
    return await work(thing)
  } finally {
    open.delete(thing)
    await thing.remove()
  }
}

export const withBox = <T>(work: (box: Box) => Promise<T>): Promise<T> =>
  within(() => createBox({ templates: ['hello'] }), work)

export async function removeAll(): Promise<void> {
  for (const thing of open) await thing.remove()
}

/** As a person types it: the launcher, Node and the command line included. */
export const command = (box: Box, args: readonly string[]): Promise<string> =>
  program(join(import.meta.dirname, '../scripts/summoner'), args, {
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: box.dir,
      SUMMONER_SETTINGS: '/dev/null',
      SUMMONER_DATA_DIR: box.data,
      SUMMONER_CONFIG_FILE: box.configFile,
    },
  })

export async function summon(box: Box, template: string, name: string): Promise<Job> {
  return good(await box.run('POST', '/minions', { template, name }))
}

/** Written into config.yml by hand, then applied in one go. */
export async function summonTogether(
  box: Box,
  template: string,
  names: readonly string[],
  more: Record<string, unknown> = {},
): Promise<void> {
  const text = readFileSync(box.configFile, 'utf8')
  const config = parse(text) as { summoner: { applications: unknown[] } }
  config.summoner.applications.push(...names.map((name) => ({ name, template, ...more })))
  writeFileSync(box.configFile, stringify(config))
  for (const job of await box.apply()) good(job)
  const { body } = await box.api<Plan>('GET', '/config/plan')
  if (body.changes.length + body.warnings.length > 0) throw new Error(JSON.stringify(body))
}

export function good(job: Job): Job {
  if (job.state !== 'succeeded')
    throw new Error(`${job.kind} ${job.minion} ${job.state}: ${JSON.stringify(job.problem)}`)
  return job
}

export const numbered = (base: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${base}${index + 1}`)

type Document = Record<string, unknown>

/** A template of the box's own, made from the test template `hello`. */
export function deriveTemplate(
  box: Box,
  name: string,
  change: (compose: { services: Record<string, Document> }, description: Document) => void,
): void {
  const dir = join(box.dir, 'minions', name)
  cpSync(join(box.dir, 'minions/hello'), dir, { recursive: true })
  const read = (file: string): unknown =>
    parse(readFileSync(join(dir, file), 'utf8').replace('HELLO_SUBDOMAIN', `${name.toUpperCase()}_SUBDOMAIN`))
  const compose = read('compose.yml') as { services: Record<string, Document> }
  const description = { ...(read('minion.yml') as Document), name }
  change(compose, description)
  writeFileSync(join(dir, 'compose.yml'), stringify(compose))
  writeFileSync(join(dir, 'minion.yml'), stringify(description))
}

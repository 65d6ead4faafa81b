/** What was last brought up of a minion, kept below data/state: the proxy and the plan compare with this, not with wishes. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Application } from '../config/config.ts'
import type { Rendered } from '../templates/rendered.ts'
import type { TemplateDescription } from '../templates/template.ts'

export interface Applied {
  application: Application
  templateHash: string
  hash: string
  project: string
  host: string
  url: string
  web: Rendered['web']
  services: Rendered['services']
  secrets: string[]
  images: 'registry' | 'distro'
  admin?: Rendered['admin']
  /** What "it works" means, as the template says. */
  health: NonNullable<TemplateDescription['health']>
  /** The first administrator is there and the site answered once; until then visitors see the friendly page. */
  ready: boolean
  /** A change of host name whose commands inside the application still have to run. */
  renamedFrom?: { host: string; url: string }
  /** service -> what the containers looked like when they came up; the drift report compares with it. */
  fingerprints: Record<string, string>
}

const fileOf = (recordsDir: string, minion: string) => join(recordsDir, `${minion}.applied.json`)

export function readApplied(recordsDir: string, minion: string): Applied | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(recordsDir, minion), 'utf8')) as Applied
  } catch {
    return undefined
  }
}

/** Every minion that was brought up and not dismissed since. */
export function listApplied(recordsDir: string): Map<string, Applied> {
  const found = new Map<string, Applied>()
  let names: string[] = []
  try {
    names = readdirSync(recordsDir)
  } catch {
    return found
  }
  for (const file of names.sort()) {
    if (!file.endsWith('.applied.json')) continue
    const name = file.slice(0, -'.applied.json'.length)
    const applied = readApplied(recordsDir, name)
    if (applied) found.set(name, applied)
  }
  return found
}

export async function writeApplied(recordsDir: string, minion: string, applied: Applied): Promise<void> {
  await writeRecord(fileOf(recordsDir, minion), applied)
}

export async function removeApplied(recordsDir: string, minion: string): Promise<void> {
  await rm(fileOf(recordsDir, minion), { force: true })
}

/**
 * A change in flight: what the minion was before it, kept from the first written byte until the minion is ready.
 * An undo reads it, also the undo of a job that a crash cut off; a job that begins again finds the first one's.
 */
export interface InFlight {
  before: Applied | null
}

const inFlightFile = (recordsDir: string, minion: string) => join(recordsDir, `${minion}.in-flight.json`)

export function readInFlight(recordsDir: string, minion: string): InFlight | undefined {
  try {
    return JSON.parse(readFileSync(inFlightFile(recordsDir, minion), 'utf8')) as InFlight
  } catch {
    return undefined
  }
}

export async function beginChange(recordsDir: string, minion: string): Promise<Applied | undefined> {
  const found = readInFlight(recordsDir, minion)
  if (found) return found.before ?? undefined
  const before = readApplied(recordsDir, minion)
  await writeRecord(inFlightFile(recordsDir, minion), { before: before ?? null } satisfies InFlight)
  return before
}

export async function endChange(recordsDir: string, minion: string): Promise<void> {
  await rm(inFlightFile(recordsDir, minion), { force: true })
}

/** Atomic: a crash leaves the old file or the new one. */
async function writeRecord(file: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, null, 2)}\n`
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(`${file}.tmp`, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.tmp`, file)
}

/** What was last brought up of a minion, kept below data/state: the proxy and the plan compare with this, not with wishes. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Application } from '../config/config.ts'
import { writeFileAtomic } from '../config/write-file.ts'
import type { Rendered } from '../templates/rendered.ts'
import type { SharedDatabase } from '../templates/shared-database.ts'
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
  /** Its place on a shared server. */
  database?: SharedDatabase
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
  return readRecord(fileOf(recordsDir, minion)) as Applied | undefined
}

/** What a write left that a crash cut off. */
export function sweepRecords(recordsDir: string): void {
  for (const name of readdirSync(recordsDir))
    if (name.endsWith('.tmp')) rmSync(join(recordsDir, name), { force: true })
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

export function writeApplied(recordsDir: string, minion: string, applied: Applied): void {
  writeRecord(fileOf(recordsDir, minion), applied)
}

export function removeApplied(recordsDir: string, minion: string): void {
  rmSync(fileOf(recordsDir, minion), { force: true })
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
  return readRecord(inFlightFile(recordsDir, minion)) as InFlight | undefined
}

export function beginChange(recordsDir: string, minion: string): Applied | undefined {
  const found = readInFlight(recordsDir, minion)
  if (found) return found.before ?? undefined
  const before = readApplied(recordsDir, minion)
  writeRecord(inFlightFile(recordsDir, minion), { before: before ?? null } satisfies InFlight)
  return before
}

export function endChange(recordsDir: string, minion: string): void {
  rmSync(inFlightFile(recordsDir, minion), { force: true })
}

function writeRecord(file: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`
  if (readText(file) === text) return
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileAtomic(file, text, { mode: 0o600 })
}

/** A damaged record counts as none: the plan then shows the minion as new, and a summon writes it again. */
function readRecord(file: string): unknown {
  const text = readText(file)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

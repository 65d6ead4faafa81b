/** What was last brought up of a minion, kept in its instance folder: the proxy and the plan compare with this, not with wishes. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Application } from '../config/config.ts'
import type { Rendered } from '../templates/rendered.ts'

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
  stableSeconds: number
  /** The first administrator is there and the site answered once; until then visitors see the friendly page. */
  ready: boolean
  /** A change of host name whose commands inside the application still have to run. */
  renamedFrom?: { host: string; url: string }
  /** service -> what the containers looked like when they came up; the drift report compares with it. */
  fingerprints: Record<string, string>
}

const fileOf = (minionsDir: string, minion: string) => join(minionsDir, minion, 'applied.json')

export function readApplied(minionsDir: string, minion: string): Applied | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(minionsDir, minion), 'utf8')) as Applied
  } catch {
    return undefined
  }
}

/** Every minion that was brought up and not dismissed since. */
export function listApplied(minionsDir: string): Map<string, Applied> {
  const found = new Map<string, Applied>()
  let names: string[] = []
  try {
    names = readdirSync(minionsDir)
  } catch {
    return found
  }
  for (const name of names.sort()) {
    const applied = readApplied(minionsDir, name)
    if (applied) found.set(name, applied)
  }
  return found
}

/** Atomic: a crash leaves the old file or the new one. */
export async function writeApplied(minionsDir: string, minion: string, applied: Applied): Promise<void> {
  const file = fileOf(minionsDir, minion)
  const text = `${JSON.stringify(applied, null, 2)}\n`
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

export async function removeApplied(minionsDir: string, minion: string): Promise<void> {
  await rm(fileOf(minionsDir, minion), { force: true })
}

/** The folders of one pair below `.versions/<name>`: what nginx was told of a path never changes, and old ones go. */
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** nginx may be rolled back to its last three generations; their certificates stay. */
const KEPT_VERSIONS = 4

/** The serial number; with another chain to the same leaf, a name of its own. One with exactly these files is used again. */
export function freeVersion(folder: string, serial: string, files: Record<string, string>): string {
  for (let count = 1; ; count++) {
    const version = count === 1 ? serial : `${serial}-${count}`
    const path = join(folder, version)
    if (!existsSync(path) || Object.entries(files).every(([name, text]) => holdsText(join(path, name), text)))
      return version
  }
}

function holdsText(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8') === text
  } catch {
    return false
  }
}

export function dropOldVersions(folder: string, current: string): void {
  const others = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== current)
    .map((entry) => ({ name: entry.name, at: statSync(join(folder, entry.name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  for (const { name } of others.slice(KEPT_VERSIONS - 1))
    rmSync(join(folder, name), { recursive: true, force: true })
}

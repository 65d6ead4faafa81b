/**
 * The instance folder `data/minions/<minion>/`: written file by file in place, each atomically, because running
 * containers hold mounts of the folders in it; a swap of the whole folder would leave them with deleted ones.
 * The files before the change are kept beside it until the change is accepted or taken back.
 */
import { randomUUID } from 'node:crypto'
import { chmod, lstat, mkdir, open, readFile, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readFolder } from './folder.ts'
import { INSTANCE_FILE, listedFiles } from './read-instance.ts'
import type { Instance, Rendered } from './rendered.ts'
import type { Template } from './template.ts'

export interface InstanceFile {
  path: string
  data: Buffer
  mode: number
}

const HALF = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/
const OWN_FILES = new Set(['.env', 'compose.override.yml', INSTANCE_FILE])

/** true when a byte or a mode changed. A crash half-way leaves whole files only; writing again completes it. */
export async function writeInstance(input: {
  dir: string
  template: Template
  rendered: Rendered
  instance: Instance
}): Promise<boolean> {
  const { dir } = input
  await removeHalves(dir)
  const wanted = filesOf(input)
  const stale = listedFiles(dir).filter((path) => !wanted.some((file) => file.path === path))
  const changed: InstanceFile[] = []
  for (const file of wanted) if (!(await isThere(dir, file))) changed.push(file)
  if (changed.length === 0 && stale.length === 0) return false

  await mkdir(dirname(dir), { recursive: true })
  await keepPrevious(dir)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  // The list of files goes last: until then the old list still names what must be removed.
  const last = changed.filter(({ path }) => path === INSTANCE_FILE)
  for (const file of changed) if (file.path !== INSTANCE_FILE) await writeFile(dir, file)
  for (const path of stale) await removeFile(dir, path)
  for (const file of last) await writeFile(dir, file)
  await sync(dir)
  await rm(`${previousOf(dir)}.writing`, { force: true })
  return true
}

/** Puts the files before the last change back; nothing happens when there is none. */
export async function restorePrevious(dir: string): Promise<void> {
  const previous = previousOf(dir)
  const kept = listedFiles(previous)
  if (kept.length === 0) return
  await removeHalves(dir)
  const stale = listedFiles(dir).filter((path) => !kept.includes(path))
  for (const path of kept) {
    const data = await readFile(join(previous, path))
    const { mode } = await lstat(join(previous, path))
    const file = { path, data, mode: mode & 0o777 }
    if (!(await isThere(dir, file))) await writeFile(dir, file)
  }
  for (const path of stale) await removeFile(dir, path)
  await sync(dir)
  await acceptInstance(dir)
}

/** The change holds: what was before it is no longer needed. */
export async function acceptInstance(dir: string): Promise<void> {
  await rm(`${previousOf(dir)}.writing`, { force: true })
  await rm(previousOf(dir), { recursive: true, force: true })
}

/** Beside the folder, hidden: no minion's name begins with a dot. */
function previousOf(dir: string): string {
  return join(dirname(dir), `.${basename(dir)}.previous`)
}

/** Mounted files must be readable for whatever user a container runs as; the folder above them is closed. */
function filesOf(input: { template: Template; rendered: Rendered; instance: Instance }): InstanceFile[] {
  const { template, rendered, instance } = input
  const files: InstanceFile[] = readFolder(template.dir)
    .filter(({ path }) => !OWN_FILES.has(path))
    .map(({ path, data, executable }) => ({ path, data, mode: executable ? 0o755 : 0o644 }))
  const own = (path: string, text: string) => files.push({ path, data: Buffer.from(text), mode: 0o600 })
  own('compose.override.yml', rendered.override)
  own('.env', rendered.dotenv)
  const names = [...files.map(({ path }) => path), INSTANCE_FILE].toSorted()
  own(INSTANCE_FILE, `${JSON.stringify({ ...instance, files: names }, null, 2)}\n`)
  return files
}

/** A first write has nothing before it; a write that a crash cut short must not take its own half for the previous. */
async function keepPrevious(dir: string): Promise<void> {
  const previous = previousOf(dir)
  const writing = `${previous}.writing`
  if (await exists(writing)) return
  const files = listedFiles(dir)
  const temporary = `${previous}.tmp`
  await rm(temporary, { recursive: true, force: true })
  if (files.length > 0) {
    await mkdir(temporary, { mode: 0o700 })
    for (const path of files) {
      const from = join(dir, path)
      const data = await readFile(from).catch(() => undefined)
      if (data) await writeFile(temporary, { path, data, mode: (await lstat(from)).mode & 0o777 })
    }
  }
  await rm(previous, { recursive: true, force: true })
  if (files.length > 0) await rename(temporary, previous)
  await (await open(writing, 'w', 0o600)).close()
  await sync(dirname(dir))
}

async function isThere(dir: string, { path, data, mode }: InstanceFile): Promise<boolean> {
  const full = join(dir, path)
  try {
    const stats = await lstat(full)
    if (!stats.isFile() || stats.size !== data.length || (stats.mode & 0o777) !== mode) return false
    return (await readFile(full)).equals(data)
  } catch {
    return false
  }
}

async function writeFile(dir: string, { path, data, mode }: InstanceFile): Promise<void> {
  await makeFolders(dir, dirname(path))
  const full = join(dir, path)
  const temporary = join(dirname(full), `.${randomUUID()}.tmp`)
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(data)
      await handle.chmod(mode)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, full)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}

/** What a crash left of files that were being written. */
async function removeHalves(dir: string): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries)
    if (HALF.test(entry.name)) await rm(join(entry.parentPath, entry.name), { force: true })
}

/** A container with a writable mount may have put a link in the way: it is removed, never followed. */
async function makeFolders(dir: string, relative: string): Promise<void> {
  if (relative === '.') return
  let folder = dir
  for (const part of relative.split('/')) {
    folder = join(folder, part)
    const stats = await lstat(folder).catch(() => undefined)
    if (stats && !stats.isDirectory()) await rm(folder)
    if (!stats?.isDirectory()) {
      await mkdir(folder)
      await chmod(folder, 0o755)
    }
  }
}

async function removeFile(dir: string, path: string): Promise<void> {
  await rm(join(dir, path), { force: true })
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    try {
      await rmdir(join(dir, folder))
    } catch {
      return
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

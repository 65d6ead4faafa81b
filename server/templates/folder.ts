/** The files of a template folder, read once: what is copied into an instance, and what its hashes are made of. */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { bindSource } from './host-path.ts'
import { listOf, recordOf, textOf } from './plain.ts'
import type { ComposeFile } from './template.ts'

export interface FolderFile {
  /** Relative to the folder. */
  path: string
  executable: boolean
  data: Buffer
}

const MAX_FILES = 5000
const MAX_BYTES = 64 * 1024 * 1024

/** Sorted by path. Throws an `Error` in words for a link that leaves the folder, a device, or more than a template has. */
export function readFolder(dir: string): FolderFile[] {
  const root = realpathSync(dir)
  const files: FolderFile[] = []
  let bytes = 0
  const visit = (relative: string, depth: number) => {
    if (depth > 20) throw new Error(`"${relative}" is nested too deeply.`)
    for (const name of readdirSync(join(root, relative)).toSorted()) {
      const path = relative === '' ? name : `${relative}/${name}`
      const full = join(root, path)
      if (lstatSync(full).isSymbolicLink()) refuseEscape(root, full, path)
      const stats = statSync(full)
      if (stats.isDirectory()) {
        if (lstatSync(full).isSymbolicLink()) throw new Error(`"${path}" is a link to a folder.`)
        visit(path, depth + 1)
        continue
      }
      if (!stats.isFile()) throw new Error(`"${path}" is neither a file nor a folder.`)
      bytes += stats.size
      if (bytes > MAX_BYTES || files.length >= MAX_FILES) {
        throw new Error(`The folder has more than ${MAX_FILES} files or ${MAX_BYTES / 1024 / 1024} MiB.`)
      }
      files.push({ path, executable: (stats.mode & 0o111) !== 0, data: readFileSync(full) })
    }
  }
  visit('', 0)
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function refuseEscape(root: string, full: string, path: string): void {
  let target: string
  try {
    target = realpathSync(full)
  } catch {
    throw new Error(`"${path}" is a link to nothing.`)
  }
  if (!target.startsWith(`${root}/`)) throw new Error(`"${path}" is a link that leaves the folder.`)
}

export function hashFiles(files: readonly FolderFile[], also: unknown): string {
  const hash = createHash('sha256').update(canonical(also))
  for (const { path, executable, data } of files) {
    hash.update(`\0${path}\0${executable ? 'x' : '-'}\0${data.length}\0`).update(data)
  }
  return hash.digest('hex')
}

/** Changes whenever a file below `dir` does: read from names and times alone, so it costs next to nothing. */
export function fingerprint(dir: string): string {
  const entries = readdirSync(dir, { recursive: true, encoding: 'utf8' }).toSorted()
  const lines = entries.map((path) => {
    const stats = lstatSync(join(dir, path), { bigint: true, throwIfNoEntry: false })
    return stats
      ? `${path}\0${stats.ino} ${stats.size} ${stats.mode} ${stats.mtimeNs} ${stats.ctimeNs}`
      : path
  })
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

/** Files below the relative paths that the compose file names: mounts, builds, env files, secrets, configs. */
export function consumedFiles(files: readonly FolderFile[], compose: ComposeFile): FolderFile[] {
  const roots = relativePaths(compose).map((path) => posix.normalize(path).replace(/\/$/, ''))
  return files.filter(({ path }) =>
    roots.some((root) => root === '.' || path === root || path.startsWith(`${root}/`)),
  )
}

function relativePaths(compose: ComposeFile): string[] {
  const paths: string[] = []
  for (const service of Object.values(compose.services)) {
    for (const volume of listOf(service['volumes'])) {
      const source = bindSource(volume)?.source
      if (source?.startsWith('.')) paths.push(source)
    }
    for (const key of ['env_file', 'label_file']) {
      for (const entry of listOf(service[key])) paths.push(textOf(recordOf(entry)['path'] ?? entry))
    }
    if (service.build !== undefined) {
      paths.push(
        typeof service.build === 'string' ? service.build : textOf(recordOf(service.build)['context']),
      )
    }
  }
  for (const kind of ['secrets', 'configs']) {
    for (const entry of Object.values(recordOf(compose[kind]))) paths.push(textOf(recordOf(entry)['file']))
  }
  return paths.filter((path) => path !== '')
}

/** JSON with sorted keys: the order of a file's keys means nothing to compose. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

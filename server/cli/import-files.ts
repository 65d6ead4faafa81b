/** What `summoner import` takes along from this computer: small, ordinary files inside the folder, nothing else. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { Refusal } from './refusal.ts'
import { bytes } from './units.ts'

export interface Gathered {
  files: Record<string, string>
  entry?: string
  /** Files left behind, with the reason. */
  skipped: { path: string; why: string }[]
}

export interface Limits {
  file: number
  total: number
  count: number
}

export const LIMITS: Limits = { file: 1_048_576, total: 8_388_608, count: 500 }
const ENTRIES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
const IGNORED = new Set(['.git', 'node_modules', '.svn', '.hg', '__pycache__', '.DS_Store'])

/** A folder is taken whole; a compose file alone comes with its `.env` only, for its folder may be anything. */
export function gather(path: string, limits: Limits = LIMITS): Gathered {
  if (statSync(path).isDirectory()) {
    const root = realpathSync(path)
    const gathered = gatherFrom(root, list(root), limits)
    const entry = ENTRIES.find((name) => gathered.files[name] !== undefined)
    return entry === undefined ? gathered : { ...gathered, entry }
  }
  const root = realpathSync(dirname(path))
  const entry = basename(path)
  const gathered = gatherFrom(root, entry === '.env' ? [entry] : [entry, '.env'], limits)
  const refused = gathered.skipped.find((skipped) => skipped.path === entry)
  if (refused) throw new Refusal({ title: `${entry} cannot be imported`, detail: refused.why })
  return { ...gathered, entry, skipped: [] }
}

function list(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split(sep).some((part) => IGNORED.has(part)))
    .sort()
}

function gatherFrom(root: string, paths: readonly string[], limits: Limits): Gathered {
  const files: Record<string, string> = {}
  const skipped: Gathered['skipped'] = []
  let total = 0
  for (const path of paths) {
    const read = readInside(root, path, limits.file)
    if (read === undefined) continue
    if ('why' in read) {
      skipped.push({ path, why: read.why })
      continue
    }
    total += read.content.length
    if (total > limits.total || Object.keys(files).length >= limits.count)
      throw new Refusal({
        title: 'The folder is too large to import',
        detail: `At most ${limits.count} files and ${bytes(limits.total)} are taken; ${path} is beyond that.`,
        hint: 'Give the compose file alone, or a folder with only what it needs.',
      })
    files[path.split(sep).join('/')] = textOf(read.content)
  }
  return { files, skipped }
}

/** undefined: there is no such file. A link may point inside the folder, never out of it. */
function readInside(
  root: string,
  path: string,
  limit: number,
): { content: Buffer } | { why: string } | undefined {
  let real: string
  try {
    real = realpathSync(join(root, path))
  } catch {
    return undefined
  }
  if (real !== root && !real.startsWith(root + sep)) return { why: 'a link that leaves the folder' }
  // O_NONBLOCK: a pipe in the folder must not hold the command up.
  const handle = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(handle)
    if (!stat.isFile()) return { why: 'not an ordinary file' }
    if (stat.size > limit) return { why: `larger than ${bytes(limit)}` }
    return { content: readFileSync(handle) }
  } finally {
    closeSync(handle)
  }
}

/** Text as it is; anything else as the data URL that the import understands. */
function textOf(content: Buffer): string {
  const text = content.toString('utf8')
  return !text.includes('\0') && Buffer.from(text, 'utf8').equals(content)
    ? text
    : `data:application/octet-stream;base64,${content.toString('base64')}`
}

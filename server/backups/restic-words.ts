/** What restic says, in our words; pure. */
import { getSystemErrorName } from 'node:util'
import type { ErrorCode } from '../errors.ts'

export interface Copied {
  /** Id of the snapshot. */
  snapshot: string
  files: number
  bytes: number
  /** Bytes the repository grew by. */
  added: number
  /** false: some files could not be read; only accepted of a copy of something that runs. */
  complete: boolean
}

export interface Progress {
  done: number
  total: number
  message: string
}

export interface Snapshot {
  id: string
  at: string
  /** Its id where it was made, when it was copied from there. */
  original?: string
  /** `part=data`, `minion=cloud`, `set=cloud-…` as an object. */
  tags: Record<string, string>
  paths: string[]
}

type Line = Record<string, unknown>

export function progressOf(line: string): Progress | undefined {
  const said = parsed(line)
  if (said?.['message_type'] !== 'status') return undefined
  const done = numberOf(said, 'bytes_done') || numberOf(said, 'bytes_restored')
  const files = numberOf(said, 'files_done') || numberOf(said, 'files_restored')
  const left = numberOf(said, 'seconds_remaining')
  const all = numberOf(said, 'total_files')
  return {
    done,
    total: numberOf(said, 'total_bytes'),
    message: `${files} of ${all} files${left > 0 ? `, about ${durationOf(left)} left` : ''}`,
  }
}

export function summaryOf(stdout: string): Omit<Copied, 'complete'> | undefined {
  const said = stdout
    .split('\n')
    .map(parsed)
    .findLast((line) => line?.['message_type'] === 'summary')
  if (said === undefined || typeof said['snapshot_id'] !== 'string') return undefined
  return {
    snapshot: said['snapshot_id'],
    files: numberOf(said, 'total_files_processed'),
    bytes: numberOf(said, 'total_bytes_processed'),
    // what went into the repository, where this restic tells it apart from what was read
    added: numberOf(said, 'data_added_packed') || numberOf(said, 'data_added'),
  }
}

/** The name that a repository gives itself. */
export const identityOf = (config: string): string => textOf((JSON.parse(config) as Line)['id'])

/** Who holds a lock, as restic wrote it down. */
export function holderOf(lock: string): { host: string; pid: number } {
  const said = JSON.parse(lock) as Line
  return { host: textOf(said['hostname']), pid: numberOf(said, 'pid') }
}

/** What restic says when it tries again: why, and after how long. */
export function retryOf(line: string): { why: string; pauseMs: number } | undefined {
  const said = /returned error, retrying after ([^:]*): (.*)$/.exec(line)
  return said ? { why: said[2] ?? '', pauseMs: durationIn(said[1] ?? '') } : undefined
}

/** As Go writes durations: `552.33ms`, `1m2.5s`. */
function durationIn(text: string): number {
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, µs: 0.001, ns: 0.000001 }
  return [...text.matchAll(/([0-9.]+)(ms|µs|ns|h|m|s)/gu)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  )
}

/** The files that restic could not read, each with its reason. */
export function unreadOf(stderr: string): string[] {
  return stderr.split('\n').flatMap((line) => {
    const missing = /^(.*) does not exist, skipping$/.exec(line)
    if (missing) return [`${missing[1]}: it is not there`]
    const said = parsed(line)
    if (said?.['message_type'] !== 'error') return []
    const error = said['error']
    const { message, Err: errno } = (typeof error === 'object' && error !== null ? error : {}) as Line
    const known = typeof errno === 'number' && errno > 0 ? getSystemErrorName(-errno) : ''
    return [`${textOf(said['item'])}: ${textOf(message) || known || 'it could not be read'}`]
  })
}

export function snapshotsOf(stdout: string): Snapshot[] {
  const said = JSON.parse(stdout) as Line[] | null
  return (said ?? []).map((line) => ({
    id: textOf(line['id']),
    at: textOf(line['time']),
    ...(textOf(line['original']) ? { original: textOf(line['original']) } : {}),
    tags: Object.fromEntries(
      (Array.isArray(line['tags']) ? line['tags'] : []).map((tag) => {
        const [key = '', ...value] = textOf(tag).split('=')
        return [key, value.join('=')]
      }),
    ),
    paths: (Array.isArray(line['paths']) ? line['paths'] : []).map(textOf),
  }))
}

/** Which of our errors a failure of restic is; undefined for one of the host's or of no kind we know. */
export function codeOfResticWords(said: string): ErrorCode | undefined {
  if (/wrong password or no key found/i.test(said)) return 'repository.password'
  if (/repository is already locked|unable to create lock/i.test(said)) return 'repository.locked'
  // a lock that went while restic looked at it
  if (/\/locks\/[0-9a-f]{64}: no such file/i.test(said)) return 'repository.locked'
  // restic asks the same question of a server that does not answer
  if (/unable to open config file/i.test(said) && /not exist|no such file|not found|404/i.test(said))
    return 'repository.missing'
  if (/no space left on device|read-only file system|input\/output error/i.test(said)) return undefined
  if (
    /<(?:data|index|snapshot|key)\/[0-9a-f]+> does not exist|ciphertext verification failed|invalid data returned|does not match id|not found in (?:the )?(?:index|repository)|unexpected EOF|load index|invalid character|Unmarshal|supported KDF|crypto\.KDF|repository contains errors|decrypt|damaged/i.test(
      said,
    )
  )
    return 'repository.damaged'
  return undefined
}

export function durationOf(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

function parsed(line: string): Line | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Line
  } catch {
    return undefined
  }
}
const numberOf = (line: Line, key: string): number => (typeof line[key] === 'number' ? line[key] : 0)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export interface Entry {
  name: string
  path: string
  type: string
  size: number
  modifiedAt: string
}

export function entriesOf(stdout: string): Entry[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((node) => node['struct_type'] === 'node' || node['message_type'] === 'node')
    .map((node) => ({
      name: String(node['name']),
      path: String(node['path']),
      type: String(node['type']),
      size: typeof node['size'] === 'number' ? node['size'] : 0,
      modifiedAt: String(node['mtime']),
    }))
}

export const joined = (tags: Record<string, string>): string =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

export const tagWords = (tags: Record<string, string>): string[] =>
  Object.keys(tags).length === 0 ? [] : ['--tag', joined(tags)]

/** restic reads patterns; a path is meant as it is. */
export const literal = (path: string): string => path.replace(/[\\*?[\]]/g, '\\$&')

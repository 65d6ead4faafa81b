/** A lock between processes: a file that names its holder. A holder that died leaves it to the next one. */
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { SummonerError } from '../errors.ts'

const ATTEMPTS = 200
const PAUSE_MS = 25

/** Runs `work` while `path` is ours; waits up to five seconds, then `config.conflict`. */
export async function withLockFile<T>(path: string, work: () => T): Promise<T> {
  for (let attempt = 0; !acquire(path); attempt++) {
    if (attempt === ATTEMPTS) {
      throw new SummonerError('config.conflict', `Another process holds ${path}.`, {
        hint: 'Is a second daemon running on this checkout? Repeat the change.',
      })
    }
    await setTimeout(PAUSE_MS)
  }
  try {
    sweep(path)
    return work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** What processes that were killed left beside the lock. */
function sweep(path: string): void {
  const folder = dirname(path)
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(path)}.`)) continue
    const pid = Number(name.slice(basename(path).length + 1).split('.')[0])
    if (holderOf(pid) === undefined) rmSync(join(folder, name), { force: true })
  }
}

function acquire(path: string): boolean {
  const own = `${path}.${process.pid}`
  writeFileSync(own, holderOf(process.pid) ?? String(process.pid), { mode: 0o600 })
  try {
    // A link appears with its content or not at all; an empty lock would have no holder to look for.
    linkSync(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    removeIfStale(path)
    return false
  } finally {
    unlinkSync(own)
  }
}

function removeIfStale(path: string): void {
  const holder = contentOf(path)
  if (holder === undefined || holderOf(Number(holder.split(' ')[0])) === holder) return
  // Moved away before it is deleted: another process may have taken the lock since it was read.
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
    if (contentOf(aside) !== holder) linkSync(aside, path)
    unlinkSync(aside)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The pid with its start time, because pids come again (soon, in a container); undefined when it does not run. */
function holderOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${pid} ${started}`
  } catch {
    return undefined
  }
}

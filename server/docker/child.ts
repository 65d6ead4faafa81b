/** One program of the host: it leads its own process group and leaves a mark in `runDir` while it runs. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SummonerError } from '../errors.ts'
import type { Environment } from '../config/environment.ts'

const KILL_AFTER_MS = 5_000
const DEFAULT_SOCKET = '/var/run/docker.sock'

export interface ProgramDeps {
  /** Folder of the marks: `data/run/children`. */
  runDir: string
  network: Environment['network']
  /** Where another engine than the host's own is used, compose must be told. */
  engineSocket?: string
  redact(text: string): string
}

export interface ChildOptions {
  cwd?: string
  env?: Record<string, string>
  timeoutMs?: number
  signal?: AbortSignal
}

export interface Child {
  process: ChildProcessWithoutNullStreams
  /** Why we ended it ourselves, if we did. */
  ending(): 'timeout' | 'aborted' | undefined
  end(reason: 'timeout' | 'aborted'): void
  /** At once, with the whole group. */
  kill(): void
  /** Exit code, -1 for a signal. Rejects where the program could not be started. */
  exited: Promise<number>
  /** To be called when nothing is awaited any more. */
  forget(): void
}

export function programStarter({ runDir, network, engineSocket }: ProgramDeps) {
  mkdirSync(runDir, { recursive: true, mode: 0o700 })
  const base = baseEnvironment(network, engineSocket)

  return (argv: readonly string[], options: ChildOptions): Child => {
    const program = argv[0]
    if (!program) throw new SummonerError('internal', 'An empty command was asked for.')
    options.signal?.throwIfAborted()
    const child = spawn(program, argv.slice(1), {
      cwd: options.cwd,
      env: { ...base, ...options.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const { pid } = child
    const mark = pid === undefined ? undefined : join(runDir, String(pid))
    if (mark && pid !== undefined)
      try {
        writeFileSync(mark, `${startTime(pid) ?? ''}\n${program}\n`)
      } catch (error) {
        // without its mark nobody would end it after a crash
        signalGroup(pid, 'SIGKILL')
        throw error
      }

    let ending: 'timeout' | 'aborted' | undefined
    const end = (reason: 'timeout' | 'aborted') => {
      ending ??= reason
      signalGroup(pid, 'SIGTERM')
      setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_AFTER_MS).unref()
    }
    const timer = setTimeout(() => end('timeout'), options.timeoutMs ?? 600_000)
    const onAbort = () => end('aborted')
    options.signal?.addEventListener('abort', onAbort, { once: true })
    child.stdin.on('error', () => {})
    const exited = new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ENOENT' ? notInstalled(program, error) : error),
      )
      child.once('close', (code) => resolve(code ?? -1))
    })
    exited.catch(() => {})
    return {
      process: child,
      ending: () => ending,
      end,
      kill: () => signalGroup(pid, 'SIGKILL'),
      exited,
      forget() {
        clearTimeout(timer)
        options.signal?.removeEventListener('abort', onAbort)
        if (mark) rmSync(mark, { force: true })
      },
    }
  }
}

function notInstalled(program: string, cause: unknown): SummonerError {
  return new SummonerError('exec.failed', `The program ${program} is not installed.`, {
    hint: 'Run ./install.sh again.',
    cause,
  })
}

/** Nothing of the daemon's own environment leaks into compose, where it would win over the minion's `.env`. */
function baseEnvironment(
  network: Environment['network'],
  engineSocket = DEFAULT_SOCKET,
): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    ...(network.httpProxy ? { http_proxy: network.httpProxy } : {}),
    ...(network.httpsProxy ? { https_proxy: network.httpsProxy } : {}),
    ...(network.noProxy ? { no_proxy: network.noProxy } : {}),
    ...(engineSocket === DEFAULT_SOCKET ? {} : { DOCKER_HOST: `unix://${engineSocket}` }),
  }
}

export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // the group has ended by itself
  }
}

/** Whether a process of this host is that program, and lives. */
export function lives(pid: number, program: string): boolean {
  if (startTime(pid) === undefined) return false
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === program
  } catch {
    return false
  }
}

/** Field 22 of /proc/<pid>/stat: clock ticks since boot, unique together with the pid. Zombies count as ended. */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/**
 * The only spawn of the daemon. Every child leads its own process group and leaves a mark in `runDir` while it
 * runs, so that a boot after a crash can end what was left behind before it resumes the job.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { SummonerError } from '../errors.ts'
import type { Environment } from '../config/environment.ts'
import type { Exec, ExecOptions, ExecResult } from './container.ts'
import { codeOfWords } from './engine-errors.ts'

const OUTPUT_LIMIT = 16 * 1024 * 1024
const KILL_AFTER_MS = 5_000
const DEFAULT_SOCKET = '/var/run/docker.sock'

interface ExecDeps {
  /** Folder of the marks: `data/run/children`. */
  runDir: string
  network: Environment['network']
  /** Where another engine than the host's own is used, compose must be told. */
  engineSocket?: string
  redact(text: string): string
}

export function createExec({ runDir, network, engineSocket, redact }: ExecDeps): Exec {
  mkdirSync(runDir, { recursive: true, mode: 0o700 })
  const base = baseEnvironment(network, engineSocket)

  return async (argv, options = {}) => {
    const program = argv[0]
    if (!program) throw new SummonerError('internal', 'An empty command was asked for.')
    options.signal?.throwIfAborted()
    const child = spawn(program, argv.slice(1), {
      cwd: options.cwd,
      env: { ...base, ...options.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const mark = child.pid === undefined ? undefined : join(runDir, String(child.pid))
    if (mark && child.pid !== undefined)
      try {
        writeFileSync(mark, `${startTime(child.pid) ?? ''}\n${program}\n`)
      } catch (error) {
        // without its mark nobody would end it after a crash
        signalGroup(child.pid, 'SIGKILL')
        throw error
      }

    let ending: 'timeout' | 'aborted' | undefined
    const end = (reason: 'timeout' | 'aborted') => {
      ending ??= reason
      signalGroup(child.pid, 'SIGTERM')
      setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS).unref()
    }
    const timer = setTimeout(() => end('timeout'), options.timeoutMs ?? 600_000)
    const onAbort = () => end('aborted')
    options.signal?.addEventListener('abort', onAbort, { once: true })
    try {
      child.stdin.on('error', () => {})
      child.stdin.end(options.input ?? '')
      const [stdout, stderr, code] = await Promise.all([
        collect(child.stdout, options.onLine),
        collect(child.stderr, options.onLine),
        new Promise<number>((resolve, reject) => {
          child.once('error', reject)
          child.once('close', (exit) => resolve(exit ?? -1))
        }),
      ])
      return judge({ code, stdout, stderr }, argv, options, ending, redact)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new SummonerError('exec.failed', `The program ${program} is not installed.`, {
          hint: 'Run ./install.sh again.',
          cause: error,
        })
      throw error
    } finally {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      if (mark) rmSync(mark, { force: true })
    }
  }
}

/** Ends the process groups that a killed daemon left behind. A pid that was reused since is not ours: the start time tells. */
export async function endLeftovers(runDir: string): Promise<number> {
  let marks: string[]
  try {
    marks = readdirSync(runDir)
  } catch {
    return 0
  }
  let ended = 0
  for (const mark of marks) {
    const pid = Number(mark)
    const started = readFileSync(join(runDir, mark), 'utf8').split('\n')[0]
    if (Number.isInteger(pid) && pid > 1 && started && startTime(pid) === started) {
      signalGroup(pid, 'SIGKILL')
      for (let tries = 0; tries < 50 && startTime(pid) === started; tries++) await sleep(20)
      ended++
    }
    rmSync(join(runDir, mark), { force: true })
  }
  return ended
}

function judge(
  result: ExecResult,
  argv: readonly string[],
  options: ExecOptions,
  ending: 'timeout' | 'aborted' | undefined,
  redact: (text: string) => string,
): ExecResult {
  const name = argv.slice(0, 2).join(' ')
  if (ending === 'aborted')
    throw new SummonerError('job.cancelled', `${name} was ended because the job was cancelled.`)
  if (ending === 'timeout')
    throw new SummonerError(
      'exec.timeout',
      `${name} did not end within ${Math.round((options.timeoutMs ?? 600_000) / 1000)} s.`,
    )
  if (!(options.ok ?? [0]).includes(result.code)) {
    const said = (result.stderr.trim() || result.stdout.trim()).slice(-2000)
    throw new SummonerError(
      codeOfWords(said) ?? 'exec.failed',
      redact(`${name} ended with code ${result.code}: ${said || 'it said nothing'}`),
    )
  }
  return result
}

/** The text of a stream, its end when it is very long. */
async function collect(stream: Readable, onLine: ((line: string) => void) | undefined): Promise<string> {
  let text = ''
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    onLine?.(line)
    text += `${line}\n`
    if (text.length > OUTPUT_LIMIT) text = text.slice(-OUTPUT_LIMIT / 2)
  }
  return text
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

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // the group has ended by itself
  }
}

/** Field 22 of /proc/<pid>/stat: clock ticks since boot, unique together with the pid. Zombies count as ended. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

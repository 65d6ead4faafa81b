/**
 * How restic is run on one repository. The repository is used by this daemon alone, so locks that a killed restic left are
 * ours to clear; those of a living one are never touched.
 */
import { rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { lives } from '../docker/child.ts'
import type { Exec, ExecOptions, ExecResult } from '../docker/container.ts'
import { codeOfWords } from '../docker/engine-errors.ts'
import { SummonerError, asSummonerError } from '../errors.ts'
import { codeOfResticWords, holderOf, retryOf } from './restic-words.ts'

/** A backup of a terabyte over a slow line. */
const LONG_MS = 7 * 24 * 3_600_000
const TRIES = 3
/** restic waits longer after each failure of the same request; from here on it is no hiccup of the network. */
const LONGEST_PAUSE_MS = 8_000
/** For questions whose answer is short. */
export const SHORT_MS = 5 * 60_000

export interface ResticDeps {
  exec: Exec
  /** A folder of this machine, or an address restic understands; shown to people. */
  location: string
  /** The same with its credentials, where the address is where they go. */
  address?: string
  passwordFile: string
  /** Where what was read once of a far repository is kept. */
  cacheDir: string
  /** Credentials of the place, by environment only. */
  env?: Record<string, string>
  /** Global options of restic, e.g. a limit of bandwidth. */
  options?: readonly string[]
}

export function createRestic({
  exec,
  location,
  address = location,
  passwordFile,
  cacheDir,
  env = {},
  options = [],
}: ResticDeps) {
  const local = isAbsolute(location)

  const argv = (words: readonly string[]): string[] => [
    'restic',
    '--password-file',
    passwordFile,
    ...(local ? ['--no-cache'] : ['--cache-dir', cacheDir]),
    ...options,
    ...words,
  ]

  const run = async (words: readonly string[], more: ExecOptions = {}): Promise<ExecResult> => {
    const stuck = watchTries(local ? { most: TRIES } : { longestMs: LONGEST_PAUSE_MS })
    try {
      return await exec(argv(words), {
        timeoutMs: LONG_MS,
        ...more,
        signal: more.signal ? AbortSignal.any([more.signal, stuck.signal]) : stuck.signal,
        onLine: (line) => {
          stuck.look(line)
          more.onLine?.(line)
        },
        // an address may carry a password, and arguments are read by everybody
        env: { RESTIC_PROGRESS_FPS: '2', ...env, RESTIC_REPOSITORY: address, ...more.env },
      })
    } catch (error) {
      throw translate(stuck.failure() ?? error, words[0] ?? '')
    }
  }

  /** Runs work that may meet a lock: one that nobody holds any more is cleared, then it is tried once more. */
  const unlocking = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (asSummonerError(error).code !== 'repository.locked') throw error
      await run(['unlock'])
      await clearDead()
      return work()
    }
  }

  /** restic takes a holder for alive whose number is another program's by now, or that nobody has buried yet. */
  const clearDead = async (): Promise<void> => {
    const { stdout } = await run(['list', 'locks', '--no-lock'], { timeoutMs: SHORT_MS })
    const dead: string[] = []
    const ids = stdout.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line))
    for (const id of ids) {
      const said = await run(['cat', 'lock', id, '--no-lock'], { timeoutMs: SHORT_MS }).catch(() => undefined)
      const holder = said && holderOf(said.stdout)
      if (holder?.host === hostname() && !lives(holder.pid, 'restic')) dead.push(id)
    }
    if (local) for (const id of dead) rmSync(join(location, 'locks', id), { force: true })
    else if (dead.length > 0 && dead.length === ids.length) await run(['unlock', '--remove-all'])
  }

  const translate = (error: unknown, verb: string): unknown => translated(error, verb, location)

  return { argv, run, unlocking, translate, env: { ...env, RESTIC_REPOSITORY: address } }
}

/** restic tries for a quarter of an hour what a disk refuses, and a minion may be at rest meanwhile. */
function watchTries({ most = Infinity, longestMs = Infinity }: { most?: number; longestMs?: number }) {
  const controller = new AbortController()
  let tries = 0
  let why = ''
  return {
    signal: controller.signal,
    look(line: string): void {
      const said = retryOf(line)
      if (!said) return
      why = said.why
      if (++tries >= most || said.pauseMs >= longestMs) controller.abort()
    },
    failure: () =>
      controller.signal.aborted ? new SummonerError(codeOfWords(why) ?? 'exec.failed', why) : undefined,
  }
}

function translated(error: unknown, verb: string, location: string): unknown {
  if (!(error instanceof SummonerError)) return error
  if (!['exec.failed', 'disk.full', 'disk.readonly', 'disk.failing'].includes(error.code)) return error
  const code =
    codeOfResticWords(error.message) ??
    (error.code === 'exec.failed' && !isAbsolute(location) ? 'destination.failed' : error.code)
  const said = error.message.replace(/^.*?ended with code -?\d+: /s, '').slice(-600)
  return new SummonerError(code, `${location} (${verb}): ${said}`, { cause: error })
}

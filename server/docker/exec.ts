/**
 * Programs of the host, run to their end. Together with `stream-exec.ts` the only spawn of the daemon; what a killed
 * daemon left behind is ended at the next boot, before a job resumes.
 */
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { SummonerError } from '../errors.ts'
import { programStarter, signalGroup, startTime, type Child, type ProgramDeps } from './child.ts'
import type { Exec, ExecOptions, ExecResult } from './container.ts'
import { codeOfWords } from './engine-errors.ts'

const OUTPUT_LIMIT = 16 * 1024 * 1024

export function createExec(deps: ProgramDeps): Exec {
  const start = programStarter(deps)
  return async (argv, options = {}) => {
    const child = start(argv, options)
    try {
      child.process.stdin.end(options.input ?? '')
      const [stdout, stderr, code] = await Promise.all([
        collect(child.process.stdout, options.onLine),
        collect(child.process.stderr, options.onLine),
        child.exited,
      ])
      return judge({ code, stdout, stderr }, argv, options, child.ending(), deps.redact)
    } finally {
      child.forget()
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

export function judge(
  result: ExecResult,
  argv: readonly string[],
  options: Pick<ExecOptions, 'timeoutMs' | 'ok'>,
  ending: ReturnType<Child['ending']>,
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
export async function collect(
  stream: Readable,
  onLine: ((line: string) => void) | undefined,
  limit = OUTPUT_LIMIT,
): Promise<string> {
  let text = ''
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    onLine?.(line)
    text += `${line}\n`
    if (text.length > limit) text = text.slice(-limit / 2)
  }
  return text
}

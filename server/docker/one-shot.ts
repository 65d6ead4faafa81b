/**
 * One-shot containers: a program of an image that is here already, beside a running container, in its network. Its
 * output is never logged by the engine; secrets come by environment or file. Nothing is left of it, however it ends.
 *
 * Output comes through a pipe of this host rather than through the engine: the engine waits two seconds for a slow reader
 * of a container that has ended, then drops the rest without a word; and every byte would be copied three times more.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SummonerError } from '../errors.ts'
import {
  LABEL,
  type Engine,
  type Exec,
  type ExecResult,
  type StreamExec,
  type StreamOptions,
} from './container.ts'
import { unlessMissing } from './engine-errors.ts'

const PIPE = '/summoner-pipe'
const TO_PIPE = `exec "$0" "$@" > ${PIPE}`
const DAY_MS = 24 * 3_600_000

export interface OneShot {
  /** Begins with who asks; made unique by the caller. */
  name: string
  /** Id of a local image, of the running container whose network is shared. */
  image: string
  beside: string
  /** argv inside; the image's entrypoint is not run. */
  argv: readonly string[]
  /** Values never stand in argv. */
  env?: Record<string, string>
  /** Host file -> path inside, read-only. */
  files?: Record<string, string>
}

export interface OneShots {
  read(task: OneShot, options?: StreamOptions): AsyncGenerator<Buffer, void, undefined>
  feed(task: OneShot, input: AsyncIterable<Uint8Array>, options?: StreamOptions): Promise<ExecResult>
  /** Removes what a killed daemon left running. Returns how many. */
  sweep(): Promise<number>
}

interface OneShotDeps {
  exec: Exec
  streams: StreamExec
  /** Folder of the pipes; emptied by whoever sweeps. */
  pipesDir: string
  engine: Pick<Engine, 'remove' | 'listContainers'>
  boxId: string
}

export function createOneShots({ exec, streams, engine, boxId, pipesDir }: OneShotDeps): OneShots {
  const atWork = new Set<string>()

  const remove = async (name: string): Promise<void> => {
    await unlessMissing(engine.remove(name, { volumes: true }))
  }

  return {
    async *read(task, options = {}) {
      const pipe = join(pipesDir, `${task.name}.pipe`)
      const { signal, onLine } = options
      const over = new AbortController()
      const both = { signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal }
      let whole = false
      atWork.add(task.name)
      try {
        await mkdir(pipesDir, { recursive: true, mode: 0o700 })
        await exec(['mkfifo', '--mode=600', pipe])
        const argv = runArgv(
          { ...task, argv: ['sh', '-c', TO_PIPE, ...task.argv], files: { ...task.files, [pipe]: PIPE } },
          boxId,
        )
        const ended = exec(argv, {
          ...both,
          env: { ...task.env },
          timeoutMs: DAY_MS,
          ...(onLine ? { onLine } : {}),
        })
        // a program that never began leaves nobody who opens the pipe
        ended.catch(() => over.abort())
        try {
          yield* streams.read(['cat', pipe], both)
        } catch (error) {
          await ended
          throw error
        }
        await ended
        whole = true
      } catch (error) {
        throw inWords(error, task)
      } finally {
        over.abort()
        atWork.delete(task.name)
        await rm(pipe, { force: true })
        if (!whole) await remove(task.name)
      }
    },

    async feed(task, input, options = {}) {
      atWork.add(task.name)
      try {
        return await streams.feed(runArgv(task, boxId), input, { ...options, env: { ...task.env } })
      } catch (error) {
        await remove(task.name)
        throw inWords(error, task)
      } finally {
        atWork.delete(task.name)
      }
    },

    async sweep() {
      const labels = [`${LABEL.box}=${boxId}`, `${LABEL.kind}=task`]
      const left = (await engine.listContainers({ labels })).filter(({ name }) => !atWork.has(name))
      for (const { id } of left) await remove(id)
      return left.length
    },
  }
}

/** Exported for its test: what the engine is asked for, word by word. */
export function runArgv(task: OneShot, boxId: string): string[] {
  const [program = '', ...args] = task.argv
  return [
    'docker',
    'run',
    '--rm',
    '--interactive',
    '--pull=never',
    `--name=${task.name}`,
    `--label=${LABEL.box}=${boxId}`,
    `--label=${LABEL.kind}=task`,
    `--network=container:${task.beside}`,
    // else the engine would write every byte to a file of its own
    '--log-driver=none',
    '--user=0:0',
    '--read-only',
    '--tmpfs=/tmp',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    ...Object.keys(task.env ?? {}).map((key) => `--env=${key}`),
    ...Object.entries(task.files ?? {}).flatMap(([from, to]) => [
      '--mount',
      `type=bind,source=${from},target=${to}${to === PIPE ? '' : ',readonly'}`,
    ]),
    `--entrypoint=${program}`,
    task.image,
    ...args,
  ]
}

/** The program's own words, without the engine's client in front of them. */
function inWords(error: unknown, { argv }: OneShot): unknown {
  if (!(error instanceof SummonerError) || error.code !== 'exec.failed') return error
  const detail = error.message.replace(/^docker run ended/, `${argv[0]} ended`)
  return new SummonerError('exec.failed', detail, { cause: error })
}

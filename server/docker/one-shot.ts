/**
 * One-shot containers: a program of an image that is here already, beside a running container, in its network. Its
 * output is never logged by the engine; secrets come by environment or file. Nothing is left of it, however it ends.
 */
import { SummonerError } from '../errors.ts'
import { LABEL, type Engine, type ExecResult, type StreamExec, type StreamOptions } from './container.ts'
import { unlessMissing } from './engine-errors.ts'

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
  streams: StreamExec
  engine: Pick<Engine, 'remove' | 'listContainers'>
  boxId: string
}

export function createOneShots({ streams, engine, boxId }: OneShotDeps): OneShots {
  const atWork = new Set<string>()

  const remove = async (name: string): Promise<void> => {
    await unlessMissing(engine.remove(name, { volumes: true }))
  }

  return {
    async *read(task, options = {}) {
      let whole = false
      atWork.add(task.name)
      try {
        yield* streams.read(runArgv(task, boxId), { ...options, env: { ...task.env } })
        whole = true
      } catch (error) {
        throw inWords(error, task)
      } finally {
        atWork.delete(task.name)
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
      `type=bind,source=${from},target=${to},readonly`,
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

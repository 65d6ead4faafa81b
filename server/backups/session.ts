/** What a dumper may do, over one-shot containers of the database's own image and short questions to the running one. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../docker/container.ts'
import type { OneShot, OneShots } from '../docker/one-shot.ts'
import { SummonerError } from '../errors.ts'
import type { DumpContext } from './dump.ts'
import type { Bytes, Given, Session, Target } from './dumpers/dumper.ts'

export interface SessionDeps {
  engine: Pick<Engine, 'execIn'>
  oneShots: OneShots
  /** Emptied at every boot: files for containers, copies in the making. */
  workDir: string
  newId(): string
  redact(text: string): string
}

/** Prints the path of the first program there is. */
const FIRST = 'for name; do command -v "$name" && exit 0; done; exit 1'

export async function withSession<T>(
  target: Target,
  context: DumpContext,
  deps: SessionDeps,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const id = deps.newId()
  const dir = join(deps.workDir, id)
  let count = 0
  const { container } = target

  const prepare = async (argv: readonly string[], { env, files = {} }: Given): Promise<OneShot> => {
    const number = ++count
    const mounts: Record<string, string> = {}
    for (const [inside, text] of Object.entries(files)) {
      await mkdir(dir, { recursive: true, mode: 0o700 })
      const file = join(dir, `${number}-${Object.keys(mounts).length}`)
      await writeFile(file, text, { mode: 0o600 })
      mounts[file] = inside
    }
    return {
      name: `summoner-${target.minion}-${id}-${number}`,
      image: container.imageId,
      beside: container.id,
      argv,
      ...(env ? { env } : {}),
      files: mounts,
    }
  }

  const ask: Session['ask'] = async (argv, env = {}) => {
    const { code, stdout, stderr } = await deps.engine.execIn(container.id, argv, { env, timeoutMs: 120_000 })
    if (code === 0) return stdout
    const said = deps.redact((stderr.trim() || stdout.trim()).slice(-800))
    throw new SummonerError('exec.failed', `${argv[0]} in ${container.name} ended with code ${code}: ${said}`)
  }

  const session: Session = {
    target,
    signal: context.signal,
    log: context.log,
    ask,
    async program(...names) {
      const found = await ask(['sh', '-c', FIRST, 'sh', ...names]).catch(() => undefined)
      const path = found?.trim()
      if (path) return path
      throw new SummonerError(
        'dump.failed',
        `The image of ${container.name} has no ${names.join(' and no ')}.`,
      )
    },
    async *read(argv, given) {
      yield* deps.oneShots.read(await prepare(argv, given), { signal: context.signal })
    },
    async feed(argv, input, given) {
      const { signal = context.signal } = given
      const task = await prepare(argv, given)
      const { stdout } = await deps.oneShots.feed(task, asyncBytes(input), { signal, onLine: context.log })
      return stdout
    },
    async scratch() {
      await mkdir(dir, { recursive: true, mode: 0o700 })
      return join(dir, `copy-${++count}`)
    },
  }
  try {
    return await work(session)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function* asyncBytes(input: Bytes): AsyncGenerator<Uint8Array> {
  yield* input
}

/** Real database servers for the tests of dumps, beside any box: started by hand, dumped and restored by our own code. */
import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DumpContext, DumpEngine, DumpRecord, TakenDump } from '../../server/backups/dump.ts'
import type { Target } from '../../server/backups/dumpers/dumper.ts'
import { dumperOf } from '../../server/backups/dumpers/dumpers.ts'
import { checkDump, restoreDump } from '../../server/backups/restore-dump.ts'
import type { SessionDeps } from '../../server/backups/session.ts'
import { takeDump } from '../../server/backups/take-dump.ts'
import { LABEL } from '../../server/docker/container.ts'
import { createExec } from '../../server/docker/exec.ts'
import { createOneShots } from '../../server/docker/one-shot.ts'
import { createStreamExec } from '../../server/docker/stream-exec.ts'
import { engine } from '../box.ts'

const CHECKOUT = resolve(import.meta.dirname, '../..')

export interface Server {
  target: Target
  /** Inside the container, as its own user; input goes to stdin. */
  run(argv: readonly string[], options?: { input?: string; env?: Record<string, string> }): string
  /** The same, while the test goes on. */
  later(argv: readonly string[], options: { input: string; env?: Record<string, string> }): Promise<void>
}

export interface ServerWish {
  engine: DumpEngine
  image: string
  database: string
  account: { user: string; password: string }
  /** An `.env` of the minion with the password in it. */
  passwordEnv?: { file: string; key: string }
  env?: Record<string, string>
  args?: string[]
  /** Host folder -> path inside. */
  volumes?: Record<string, string>
  ready(server: Server): void
}

export type Rig = ReturnType<typeof createRig>

/** A local image: one of the catalogue's distribution builds, or one that only tests need. */
export function image(context: string, prepare?: (dir: string) => void): string {
  const tag = `summoner-test/${context.split('/').at(-1)}:1`
  const dir = join(CHECKOUT, context)
  prepare?.(dir)
  execFileSync('docker', ['build', '--quiet', '--network', 'host', '--tag', tag, dir], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 900_000,
  })
  return tag
}

export function createRig() {
  const id = `dumps${randomBytes(3).toString('hex')}`
  const dir = mkdtempSync(join(tmpdir(), `${id}-`))
  const redact = (text: string) => text
  const streams = createStreamExec({ runDir: join(dir, 'children'), network: {}, redact })
  const exec = createExec({ runDir: join(dir, 'children'), network: {}, redact })
  const oneShots = createOneShots({ exec, streams, engine, boxId: id, pipesDir: join(dir, 'work') })
  const deps: SessionDeps & { now(): Date } = {
    engine,
    oneShots,
    workDir: join(dir, 'work'),
    newId: () => randomBytes(4).toString('hex'),
    redact,
    now: () => new Date(),
  }
  const said: string[] = []
  let count = 0
  const context = (signal = new AbortController().signal): DumpContext => ({
    jobId: `job${count}`,
    signal,
    log: (line) => void said.push(line),
    progress: () => {},
  })
  return {
    dir,
    deps,
    oneShots,
    said,
    context,
    files: () =>
      readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => /dump\.|tmp/.test(name)),
    async start(wish: ServerWish): Promise<Server> {
      const name = `${id}-${++count}`
      if (wish.passwordEnv)
        writeFileSync(wish.passwordEnv.file, `${wish.passwordEnv.key}='${wish.account.password}'\n`)
      const flags = [
        ...Object.keys(wish.env ?? {}).map((key) => `--env=${key}`),
        ...Object.entries(wish.volumes ?? {}).map(([from, to]) => `--volume=${from}:${to}`),
      ]
      const argv = ['run', '--detach', '--name', name, `--label=${LABEL.box}=${id}`, ...flags, wish.image]
      execFileSync('docker', [...argv, ...(wish.args ?? [])], {
        env: { ...process.env, ...wish.env },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const container = await engine.inspect(name)
      const server: Server = {
        later: () => Promise.resolve(),
        target: {
          minion: 'shop',
          service: 'db',
          engine: wish.engine,
          database: wish.database,
          container,
          account: wish.account,
          envFile: wish.passwordEnv?.file ?? join(dir, 'none.env'),
          ...(wish.passwordEnv ? { passwordEnv: wish.passwordEnv.key } : {}),
          folders: Object.keys(wish.volumes ?? {}),
        },
        run: (argv, { input = '', env = {} } = {}) =>
          execFileSync(
            'docker',
            ['exec', '-i', ...Object.keys(env).map((key) => `--env=${key}`), name, ...argv],
            {
              input,
              encoding: 'utf8',
              maxBuffer: 1 << 28,
              env: { ...process.env, ...env },
              stdio: ['pipe', 'pipe', 'pipe'],
            },
          ),
      }
      server.later = (argv, { input, env = {} }) =>
        new Promise((resolve, reject) => {
          const flags = Object.keys(env).map((key) => `--env=${key}`)
          const child = execFile(
            'docker',
            ['exec', '-i', ...flags, name, ...argv],
            { env: { ...process.env, ...env }, maxBuffer: 1 << 26 },
            (error) => (error ? reject(error) : resolve()),
          )
          child.stdin?.end(input)
        })
      for (let tries = 0; ; tries++) {
        try {
          wish.ready(server)
          return server
        } catch (error) {
          if (tries > 300) throw error
          await sleep(200)
        }
      }
    },
    take(target: Target, options: { portable?: boolean; signal?: AbortSignal } = {}): Promise<TakenDump> {
      const file = join(dir, 'dumps', `shop-${++count}-dump.${dumperOf(target.engine).extension}.zst`)
      mkdirSync(join(dir, 'dumps'), { recursive: true })
      const { portable = false, signal } = options
      return takeDump({ target, file, before: undefined, portable }, context(signal), deps)
    },
    async restore(target: Target, path: string): Promise<DumpRecord> {
      const record = await checkDump(path, context())
      await restoreDump(path, record, target, context(), deps)
      return record
    },
    byHand(target: Target, path: string): void {
      execFileSync('sh', ['-c', dumperOf(target.engine).byHand(target, path)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    },
    /** Containers of one-shot programs that are still there. */
    tasks: () => engine.listContainers({ labels: [`${LABEL.box}=${id}`, `${LABEL.kind}=task`] }),
    async remove() {
      for (const { id: container } of await engine.listContainers({ labels: [`${LABEL.box}=${id}`] }))
        await engine.remove(container, { volumes: true })
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

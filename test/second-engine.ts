/** A Docker engine of a test's own, so that it can be stopped and killed; and a door to it that can be shut. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const STARTS_WITHIN_MS = 60_000

export interface SecondEngine {
  socket: string
  /** Copies images from the host's own engine. */
  load(references: readonly string[]): Promise<void>
  stop(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/**
 * With a bridge of its own (told to use none, it would delete the real engine's) and without firewall rules, since it
 * shares the host with the real one. Throws its last words where it cannot run.
 */
export async function createSecondEngine(): Promise<SecondEngine> {
  // short: containerd keeps sockets in there
  const dir = mkdtempSync(join(tmpdir(), 'se-'))
  const socket = join(dir, 'd.sock')
  const log = join(dir, 'log')
  const namespace = dir.split('/').at(-1)!
  mkdirSync(join(dir, 'root'))
  writeFileSync(join(dir, 'daemon.json'), '{}')
  const bridge = namespace
  let child: ChildProcess | undefined

  const ip = (...argv: string[]) => execFileSync('ip', argv, { stdio: 'pipe' })

  const answers = () => {
    try {
      execFileSync('docker', ['-H', `unix://${socket}`, 'info', '--format', '{{.ServerVersion}}'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      return true
    } catch {
      return false
    }
  }

  const engine: SecondEngine = {
    socket,
    async load(references) {
      const save = spawn('docker', ['save', ...references], { stdio: ['ignore', 'pipe', 'inherit'] })
      const load = spawn('docker', ['-H', `unix://${socket}`, 'load', '--quiet'], {
        stdio: [save.stdout, 'ignore', 'inherit'],
      })
      const code = await new Promise((resolve) => load.once('exit', resolve))
      if (code !== 0) throw new Error(`docker load ended with ${String(code)}`)
    },
    async start() {
      // containerd dies with its engine; where nobody reaps it, its pid would be taken for a living one
      rmSync(join(dir, 'x/containerd/containerd.pid'), { force: true })
      const output = openSync(log, 'a')
      child = spawn(
        'dockerd',
        [
          ['--config-file', join(dir, 'daemon.json')],
          ['--data-root', join(dir, 'root')],
          ['--exec-root', join(dir, 'x')],
          ['--pidfile', join(dir, 'pid')],
          ['--host', `unix://${socket}`],
          ['--containerd-namespace', namespace],
          ['--containerd-plugins-namespace', `${namespace}-plugins`],
          ['--bridge', bridge],
          ['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
        ].flat(),
        { stdio: ['ignore', output, output] },
      )
      closeSync(output)
      const started = child
      for (const deadline = Date.now() + STARTS_WITHIN_MS; !answers(); await sleep(200))
        if (started.exitCode !== null || Date.now() > deadline)
          throw new Error(`a second dockerd does not run here: ${readFileSync(log, 'utf8').slice(-600)}`)
    },
    async stop(signal = 'SIGTERM') {
      const running = child
      if (!running || running.exitCode !== null || running.signalCode !== null) return
      const gone = new Promise((resolve) => running.once('exit', resolve))
      running.kill(signal)
      await gone
    },
    async remove() {
      await engine.stop()
      endShims(namespace)
      for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n').toReversed()) {
        const mounted = line.split(' ')[1]
        if (mounted?.startsWith(`${dir}/`)) execFileSync('umount', ['-l', mounted])
      }
      try {
        ip('link', 'del', bridge)
      } catch {
        // it was never made
      }
      rmSync(dir, { recursive: true, force: true })
    },
  }
  try {
    // of the range for tests between machines (RFC 2544): nobody's
    const third = randomInt(256)
    ip('link', 'add', 'name', bridge, 'type', 'bridge')
    ip('address', 'add', `198.18.${third}.1/24`, 'dev', bridge)
    ip('link', 'set', bridge, 'up')
    await engine.start()
  } catch (error) {
    await engine.remove()
    throw error
  }
  return engine
}

/** Containers outlive an engine that was killed, and one that could not be started again. */
function endShims(namespace: string): void {
  const cmdline = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    } catch {
      return []
    }
  }
  const kill = (pid: string): void => {
    let children = ''
    try {
      children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // it has ended by itself
    }
    for (const child of children.split(' ').filter(Boolean)) kill(child)
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const argv = cmdline(pid)
    if (argv[0]?.includes('containerd-shim') && argv.includes(namespace)) kill(pid)
  }
}

/** A socket that passes everything on to the engine's, until it is shut. */
export interface Door {
  socket: string
  shut(): Promise<void>
  open(): Promise<void>
}

export async function createDoor(engineSocket: string, socket: string): Promise<Door> {
  let server: Server | undefined
  const open = new Set<Socket>()
  const keep = (end: Socket) => {
    open.add(end)
    end.once('close', () => open.delete(end)).on('error', () => end.destroy())
  }
  const door: Door = {
    socket,
    async open() {
      server = createServer({ allowHalfOpen: true }, (client) => {
        const engine = connect({ path: engineSocket, allowHalfOpen: true })
        keep(client)
        keep(engine)
        client.pipe(engine).pipe(client)
        engine.once('close', () => client.destroy())
        client.once('close', () => engine.destroy())
      })
      await new Promise<void>((resolve) => server?.listen(socket, resolve))
    },
    async shut() {
      const closed = new Promise((resolve) => server?.close(resolve))
      for (const end of open) end.destroy()
      await closed
    },
  }
  await door.open()
  return door
}

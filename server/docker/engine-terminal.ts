/** A program in a running container on a terminal of its own, as a person sits before one. */
import type Docker from 'dockerode'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Terminal, TerminalSize } from './container.ts'

/** It is asked to go as when a line is hung up; what does not hear is killed. */
const DEAF_MS = 2_000
const LEFT_BEHIND_S = 1_800

export async function openTerminal(
  docker: Docker,
  id: string,
  argv: readonly string[],
  { rows, columns }: TerminalSize,
): Promise<Terminal> {
  const exec = await docker.getContainer(id).exec({
    Cmd: [...argv],
    // a shell that a crash of ours left behind goes by itself
    Env: ['TERM=xterm-256color', `TMOUT=${LEFT_BEHIND_S}`],
    Tty: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  })
  const stream = await exec.start({ hijack: true, stdin: true, Tty: true })
  // a program that ended at once has no size, and what it said is still to be read
  const resize = (size: TerminalSize) =>
    exec.resize({ h: size.rows, w: size.columns }).then(
      () => undefined,
      () => undefined,
    )
  await resize({ rows, columns })
  const running = async () => {
    const { Running, Pid } = await exec.inspect()
    return Running && Pid > 1 ? Pid : undefined
  }
  const send = async (signal: NodeJS.Signals) => {
    const pid = await running()
    if (pid !== undefined) process.kill(pid, signal)
  }

  return {
    output: stream,
    resize,
    write: (data) => void (stream.writable && stream.write(data)),
    // the engine leaves the program running when its line is cut, so it is ended first
    async end() {
      try {
        await send('SIGHUP')
        for (const until = Date.now() + DEAF_MS; Date.now() < until && (await running());) await sleep(50)
        await send('SIGKILL')
      } catch {
        // it went by itself meanwhile, or its container did
      } finally {
        stream.destroy()
      }
    },
    async code() {
      const { ExitCode } = await exec.inspect()
      return ExitCode ?? undefined
    },
  }
}

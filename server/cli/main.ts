/** The `summoner` command: hands the process to `run`. */
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { directories, readClientEnvironment, readEnvironment } from '../config/environment.ts'
import { createApi } from './api.ts'
import { commands } from './commands.ts'
import type { Sink } from './output.ts'
import { askOn } from './prompt.ts'
import { run } from './run.ts'

const client = readClientEnvironment()
const environment = readEnvironment()
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const { stdin, stdout, stderr } = process

const sink = (stream: NodeJS.WriteStream): Sink => {
  // `summoner logs … | head`: the reader has enough, and so have we.
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  return {
    write: (chunk) => stream.write(chunk),
    terminal: stream.isTTY,
    columns: () => stream.columns ?? 80,
    rows: () => stream.rows ?? 24,
  }
}

process.exitCode = await run(process.argv.slice(2), {
  commands,
  api: createApi(
    client.url === undefined
      ? { socketPath: directories(environment.dataDir).adminSocket }
      : { url: client.url, ...(client.token === undefined ? {} : { token: client.token }) },
  ),
  stdout: sink(stdout),
  stderr: sink(stderr),
  color: client.color,
  version,
  world: {
    cwd: process.cwd(),
    home: environment.home,
    configFile: environment.configFile,
    now: Date.now,
    sleep: (milliseconds) => sleep(milliseconds),
    ...(stdin.isTTY && stdout.isTTY ? { ask: askOn(stdin, stdout) } : {}),
    ...(stdin.isTTY ? {} : { readInput: () => text(stdin) }),
    onInterrupt: (listener) => {
      process.on('SIGINT', listener)
      return () => process.off('SIGINT', listener)
    },
  },
})

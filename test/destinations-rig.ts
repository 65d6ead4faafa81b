/** Destinations of the tests: real servers on loopback, and a wire that can be cut between. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer as createHttpServer, request as httpRequest } from 'node:http'
import { createServer, connect, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DestinationView } from '../server/backups/destinations/destination.ts'
import type { Box } from './box.ts'

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** `rclone serve restic …`, until the test ends it. */
export async function serve(args: string[], port: number): Promise<() => Promise<void>> {
  const argv = ['serve', ...args, '--addr', `127.0.0.1:${port}`]
  return running(spawn('rclone', argv, { stdio: ['ignore', 'ignore', 'pipe'] }), port)
}

/** A server of the test, once its port answers; gives what ends it. */
export async function running(child: ChildProcess, port: number): Promise<() => Promise<void>> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 200 || child.exitCode !== null) throw new Error(`it does not serve: ${said}`)
    await sleep(50)
  }
  return async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }
}

/** OpenSSH on loopback, for root with the key of the test. */
export async function serveSsh(dir: string, authorized: string, port: number): Promise<() => Promise<void>> {
  const host = join(dir, 'host')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', host])
  const config = join(dir, 'sshd.conf')
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${host}`,
    `AuthorizedKeysFile ${authorized}`,
  ]
  lines.push(
    'StrictModes no',
    'PidFile none',
    'UsePAM no',
    'PermitRootLogin yes',
    'Subsystem sftp internal-sftp',
    '',
  )
  writeFileSync(config, lines.join('\n'))
  mkdirSync('/run/sshd', { recursive: true })
  return running(
    spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] }),
    port,
  )
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => (socket.destroy(), resolve(true)))
    socket.once('error', () => resolve(false))
  })

/** A wire to a server: whole, or one that resets every connection after so many bytes. */
export async function createWire(to: number) {
  const port = await freePort()
  let bytes = Infinity
  const open = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    let passed = 0
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('data', (chunk) => {
        passed += chunk.length
        if (passed > bytes) {
          near.resetAndDestroy()
          far.destroy()
        } else into.write(chunk)
      })
      from.on('error', () => into.destroy())
      from.on('close', () => (open.delete(from), into.end()))
    }
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    cutAfter(limit: number) {
      bytes = limit
      for (const socket of open) if (limit !== Infinity) socket.destroy()
    },
    close: () => {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

/** A REST server between restic and a true one, which says yes to every piece and keeps no second one as it was. */
export async function createLiar(to: number) {
  const port = await freePort()
  let lie: 'none' | 'drop' | 'garble' = 'none'
  let pieces = 0
  const server = createHttpServer((asked, answer) => {
    const chunks: Buffer[] = []
    asked.on('data', (chunk: Buffer) => chunks.push(chunk))
    asked.on('end', () => {
      const body = Buffer.concat(chunks)
      const lies =
        lie !== 'none' && asked.method === 'POST' && asked.url?.includes('/data/') && ++pieces % 2 === 1
      if (lies && lie === 'drop') {
        answer.writeHead(200).end()
        return
      }
      if (lies) body[body.length >> 1]! ^= 1
      const { method, url: path, headers } = asked
      const sent = httpRequest({ host: '127.0.0.1', port: to, method, path, headers }, (said) => {
        answer.writeHead(said.statusCode ?? 500, said.headers)
        said.pipe(answer)
      })
      sent.on('error', () => answer.destroy())
      sent.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    lie: (what: typeof lie) => void (lie = what),
    lies: () => pieces,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

export async function destination(box: Box, name: string): Promise<DestinationView> {
  const { body } = await box.api<{ destinations: DestinationView[] }>('GET', '/destinations')
  const found = body.destinations.find((one) => one.name === name)
  if (!found) throw new Error(`no ${name} in ${JSON.stringify(body)}`)
  return found
}

export async function becomes(
  box: Box,
  name: string,
  state: DestinationView['state'],
  withinMs = 120_000,
): Promise<DestinationView> {
  for (const deadline = Date.now() + withinMs; ; await sleep(250)) {
    const now = await destination(box, name)
    if (now.state === state && (state !== 'ok' || (now.job === undefined && now.sets > 0))) return now
    if (Date.now() > deadline) throw new Error(`${name} is not ${state}: ${JSON.stringify(now)}`)
  }
}

/** A file system of its own, that can be full. */
export function smallDisk(dir: string, size: string): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', dir])
  return () => {
    if (existsSync(dir)) execFileSync('umount', ['-l', dir])
  }
}

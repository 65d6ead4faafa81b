/** Opens the two Unix sockets with the rights that tell their callers apart, and closes them without cutting answers. */
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import type { FastifyInstance, RawServerDefault } from 'fastify'
import { SummonerError } from '../errors.ts'
import { http } from '../node-http.ts'

export interface ListenDeps {
  directories: { run: string; adminSocket: string; webSocket: string }
  /** Group id that may use the admin socket; root alone when absent. */
  group?: number | undefined
  /** How long requests in flight may take to finish. */
  graceMs?: number
}

/** The kernel's sun_path less its closing zero; Node would cut the path in silence. */
const LONGEST = 107

type Server = Pick<RawServerDefault, 'closeIdleConnections' | 'closeAllConnections'>

/**
 * `run` is closed to everybody but root and the group: that, not the socket's mode, keeps the host's users out.
 * The web folder is mounted into nginx, whose workers are not root there, so it and its socket are open inside.
 * Folders are made only when missing: a recreated one would be a dead mount.
 */
export async function listen(
  app: Pick<FastifyInstance, 'server' | 'listen' | 'routing' | 'close' | 'adminRequests' | 'ready'>,
  { directories, group, graceMs = 10_000 }: ListenDeps,
): Promise<{ close(): Promise<void> }> {
  const { run, adminSocket, webSocket } = directories
  for (const socket of [adminSocket, webSocket]) {
    if (Buffer.byteLength(socket) > LONGEST)
      throw new SummonerError(
        'socket.failed',
        `${socket} is longer than the ${LONGEST} bytes a socket may have.`,
      )
  }
  const guarded = group === undefined ? 0o700 : 0o710
  makeFolder(run, guarded, group)
  makeFolder(dirname(adminSocket), guarded, group)
  makeFolder(dirname(webSocket), 0o711)
  for (const socket of [adminSocket, webSocket]) await removeStale(socket)

  await app.ready()
  const admin = http.createServer({ requestTimeout: 60_000 }, (request, response) => {
    app.adminRequests.add(request)
    app.routing(request, response)
  })
  await app.listen({ path: webSocket })
  chmodSync(webSocket, 0o666)
  await new Promise<void>((resolve, reject) => {
    admin.once('error', reject)
    admin.listen(adminSocket, resolve)
  })
  chmodSync(adminSocket, 0o660)
  if (group !== undefined) chownSync(adminSocket, 0, group)

  return {
    async close() {
      const servers: Server[] = [app.server, admin]
      // A connection becomes idle only when its answer is out; Node closes the idle ones just once by itself.
      const sweep = setInterval(() => servers.forEach((server) => server.closeIdleConnections()), 50)
      const cap = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), graceMs)
      const adminClosed = new Promise<void>((resolve) => admin.close(() => resolve()))
      try {
        await Promise.all([app.close(), adminClosed])
      } finally {
        clearInterval(sweep)
        clearTimeout(cap)
      }
    },
  }
}

/** Id of a group of this host, from /etc/group: Node cannot ask the name service. */
export function groupId(name: string, file = '/etc/group'): number | undefined {
  if (!existsSync(file)) return undefined
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const id = Number(line?.split(':')[2])
  return Number.isInteger(id) ? id : undefined
}

function makeFolder(folder: string, mode: number, group?: number): void {
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, mode)
  if (group !== undefined) chownSync(folder, 0, group)
}

/** A socket file outlives a killed daemon; one that still answers belongs to a daemon that runs. */
async function removeStale(path: string): Promise<void> {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  if (!entry) return
  if (!entry.isSocket())
    throw new SummonerError('port.taken', `${path} is in the way and is not a socket.`, {
      hint: 'Move it away.',
    })
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false))
    probe.once('close', () => probe.destroy())
    probe.once('connect', () => probe.destroy())
  })
  if (alive)
    throw new SummonerError('port.taken', `Another Summoner daemon listens on ${path}.`, {
      hint: 'Stop it first: `systemctl stop summoner`.',
    })
  rmSync(path, { force: true })
}

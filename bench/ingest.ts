/** Signed webhooks of 1 kB from 50 clients: taken durably, against a bare route that only checks the signature. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { directories } from '../server/config/environment.ts'
import type { Figure } from './figure.ts'
import type { PostInput, PostOutput } from './load/post.ts'
import { within } from './own-box.ts'
import { load, program } from './program.ts'
import { percentile } from './samples.ts'
import { createBox } from '../test/box.ts'

const CLIENTS = 50
const SECONDS = 10
const CONFIG = '  applications: []\n  sources: [{name: hub, type: github, rate: 1000000}]\n'

export const ingest: Figure = {
  name: 'ingest',
  title: 'Taking signed webhooks, 50 clients',
  rounds: 1,
  run: ({ scale, say }) =>
    within(
      () => createBox({ config: CONFIG }),
      async (box) => {
        const seconds = SECONDS * scale
        const post = async (what: string, input: Omit<PostInput, 'clients' | 'seconds'>) => {
          const file = join(import.meta.dirname, 'load/post.ts')
          const output = await load<PostOutput>(file, {
            clients: CLIENTS,
            seconds,
            ...input,
          } satisfies PostInput)
          if (output.refused > 0 || output.taken.length === 0)
            throw new Error(
              `${what}: ${output.refused} of ${output.taken.length + output.refused} were refused.`,
            )
          const perSecond = output.taken.length / seconds
          const p99 = percentile(output.taken, 0.99)
          say(`${what}: ${Math.round(perSecond)} a second, p99 ${p99.toFixed(1)} ms`)
          return { perSecond, p99, median: percentile(output.taken, 0.5), count: output.taken.length }
        }

        const { body: made } = await box.api<{ url: string; secret: string }>(
          'POST',
          '/sources/hub/tokens',
          {},
        )
        const path = new URL(made.url).pathname
        const socketPath = join(box.dir, 'bare.sock')
        const bareServer = spawn(process.execPath, [
          join(import.meta.dirname, 'load/bare-verify.ts'),
          JSON.stringify({ socketPath, secret: made.secret }),
        ])
        await once(bareServer.stdout, 'data')
        const bare = await post('bare route', { to: socketPath, path: '/hook', secret: made.secret }).finally(
          () => bareServer.kill(),
        )
        const ours = await post('Summoner', {
          to: directories(box.data).webSocket,
          path,
          secret: made.secret,
        })
        const newest = async () =>
          (await box.api<{ events: { id: number }[] }>('GET', '/events?source=hub&limit=1')).body.events[0]
            ?.id
        const kept = (await newest()) ?? 0
        if (kept < ours.count) throw new Error(`${ours.count} were answered, ${kept} are there.`)
        const webhook = await withWebhook(box.dir, made.secret, (port) =>
          post("Debian's webhook", { to: port, path: '/hooks/hub', secret: made.secret }),
        )
        return {
          measures: [
            { what: 'p99 of an answer, on the disk before', value: ours.p99, unit: 'ms', atMost: 25 },
            { what: 'median of an answer', value: ours.median, unit: 'ms' },
            { what: 'taken a second', value: ours.perSecond, unit: 'count' },
            {
              what: 'a bare route that only checks the signature, a second',
              value: bare.perSecond,
              unit: 'count',
            },
            {
              what: 'bare route / Summoner (8,000 a second are enough)',
              value:
                ours.perSecond >= 8000
                  ? Math.min(2, bare.perSecond / ours.perSecond)
                  : bare.perSecond / ours.perSecond,
              unit: 'x',
              atMost: 2,
            },
            ...(webhook
              ? [
                  { what: "Debian's webhook, a second", value: webhook.perSecond, unit: 'count' as const },
                  { what: "Debian's webhook, p99", value: webhook.p99, unit: 'ms' as const },
                ]
              : []),
          ],
          notes: [
            `Bodies of 1 kB signed as GitHub does, each delivery with a name of its own; ${CLIENTS} clients on kept connections of a Unix socket, in a process beside the server, for ${SECONDS} s. Summoner answers when the event is on the disk (SQLite, synchronous FULL, one commit for all that wait).`,
            'The bare route is one Fastify route that checks the same signature over the raw body and keeps nothing.',
            webhook
              ? "Debian's webhook (adnanh/webhook) checks the same signature and starts /bin/true for each; it keeps nothing, and tries nothing again."
              : "Debian's webhook could not be had on this machine.",
          ],
        }
      },
    ),
}

/** From the distribution's package, unpacked into the box's folder. */
async function withWebhook<T>(
  dir: string,
  secret: string,
  work: (port: number) => Promise<T>,
): Promise<T | undefined> {
  const folder = join(dir, 'webhook')
  mkdirSync(folder)
  const binary = join(folder, 'usr/bin/webhook')
  try {
    await program('apt-get', ['download', 'webhook'], { cwd: folder })
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.deb'))
    await program('dpkg-deb', ['-x', join(folder, file ?? ''), folder])
  } catch {
    return undefined
  }
  if (!existsSync(binary)) return undefined
  const rule = {
    match: {
      type: 'payload-hmac-sha256',
      secret,
      parameter: { source: 'header', name: 'X-Hub-Signature-256' },
    },
  }
  const hooks = join(folder, 'hooks.json')
  writeFileSync(hooks, JSON.stringify([{ id: 'hub', 'execute-command': '/bin/true', 'trigger-rule': rule }]))
  const port = await freePort()
  const server = spawn(binary, ['-hooks', hooks, '-ip', '127.0.0.1', '-port', String(port)], {
    stdio: 'ignore',
  })
  try {
    await sleep(1000)
    return await work(port)
  } finally {
    await ended(server)
  }
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  server.kill()
  await once(server, 'exit')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

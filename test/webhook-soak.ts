/** Signed webhooks in, deliveries out to receivers that fail and hang, through kill -9: nothing may be lost. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer as createHttpServer, request, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import type { Test } from 'tap'
import { randomOf } from './kill-rounds.ts'
import { settleAccounts } from './soak-accounts.ts'

export interface SoakOptions {
  count: number
  channels: number
  kills: number
  seed: number
  speed?: number
  clients?: number
  withinMs: number
}

const FAILS = 0.3
const HANGS = 0.05
const TIMEOUT_MS = 1_000

export async function webhookSoak(
  t: Test,
  { count, channels, kills, seed, speed = 50, clients = 20, withinMs }: SoakOptions,
): Promise<void> {
  const random = randomOf(seed)
  const dir = mkdtempSync(join(tmpdir(), 'summoner-soak-'))
  /** How often each was taken and left without an answer, in this receiver's own book; and under which ids. */
  const taken = new Map<string, number>()
  const hung = new Map<string, number>()
  const ids = new Map<string, Set<string>>()
  let asked = 0
  const receiver = createHttpServer((incoming, response) => {
    void textOf(incoming).then((text) => {
      asked++
      const roll = random()
      const { n } = JSON.parse(text) as { n: string }
      const id = String(incoming.headers['webhook-id'])
      if (roll < HANGS) {
        hung.set(n, (hung.get(n) ?? 0) + 1)
        return
      }
      if (roll < HANGS + FAILS) {
        response.writeHead(503).end()
        return
      }
      taken.set(n, (taken.get(n) ?? 0) + 1)
      const known = ids.get(n) ?? new Set()
      ids.set(n, known.add(id))
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const port = await freePort()
  let daemon: ChildProcess | undefined
  let address: { url: string; secret: string } | undefined
  const boot = async () => {
    const input = { dir, port, channels, receiver: base, speed, timeoutMs: TIMEOUT_MS }
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'soak-daemon.ts'), JSON.stringify(input)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    daemon = child
    const line = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}`)))
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    })
    child.removeAllListeners('exit')
    address = JSON.parse(line) as typeof address
  }
  const kill = async () => {
    const gone = new Promise((resolve) => daemon?.once('exit', resolve))
    daemon?.kill('SIGKILL')
    await gone
  }
  t.teardown(async () => {
    await kill()
    receiver.closeAllConnections()
    receiver.close()
    rmSync(dir, { recursive: true, force: true })
  })
  await boot()

  // in: each webhook until it is acknowledged, under the same id, as senders do
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  let next = 0
  let acknowledged = 0
  const send = async (n: number): Promise<void> => {
    const id = `in_${n}`
    const to = `to-${n % channels}`
    const body = JSON.stringify({
      type: 'build.failed',
      title: `build ${n} failed`,
      subject: `build ${n}`,
      data: { n: String(n), to },
    })
    for (;;) {
      const status = await post(agent, address, id, body).catch(() => 0)
      if (status === 202 || status === 200) return
      await sleep(50)
    }
  }
  const client = async () => {
    while (next < count) {
      await send(next++)
      acknowledged++
    }
  }
  const began = performance.now()
  const sending = Promise.all(Array.from({ length: clients }, client))
  const instants = Array.from({ length: kills }, (_, index) =>
    Math.floor((count * (index + 0.3 + random() * 0.6)) / (kills + 1)),
  )
  let inFlight = 0
  for (const instant of instants) {
    while (acknowledged < instant) await sleep(5)
    await kill()
    // what a kill leaves in flight may come twice, and nothing else
    inFlight += underWay(dir)
    await boot()
  }
  await sending
  agent.destroy()
  const ingested = performance.now() - began
  t.comment(
    `${count} taken in within ${(ingested / 1000).toFixed(1)} s, ${kills} kills at ${instants.join(', ')}`,
  )

  const states = () => {
    const db = new SQLite(join(dir, 'soak.db'), { readonly: true })
    const rows = db.prepare('SELECT state, count(*) AS count FROM deliveries GROUP BY state').all() as {
      state: string
      count: number
    }[]
    db.close()
    return new Map(rows.map((row) => [row.state, row.count]))
  }
  const open = (now: Map<string, number>) => count - (now.get('delivered') ?? 0) - (now.get('dead') ?? 0)
  let now = states()
  for (const deadline = Date.now() + withinMs; open(now) > 0 && Date.now() < deadline; now = states())
    await sleep(500)
  const dead = now.get('dead') ?? 0
  const { gone, killed, late, unexplained } = settleAccounts(dir, taken, hung)
  const twice = [...taken.values()].reduce((sum, times) => sum + times - 1, 0)
  t.comment(
    `${asked} tries, ${taken.size} delivered, ${dead} dead letters, ${twice} came twice: ` +
      `${killed} of the ${inFlight} in flight at a kill, ${late} answered when nobody waited any more; ` +
      `${(count / ((performance.now() - began) / 1000)).toFixed(0)} a second from end to end`,
  )
  t.equal(open(now), 0, 'all are delivered or dead letters', { states: [...now] })
  const total = [...now.values()].reduce((sum, some) => sum + some, 0)
  t.equal(total, count, 'one delivery for each webhook: none lost, none run twice')
  const nowhere = Array.from({ length: count }, (_, n) => String(n)).filter(
    (n) => !taken.has(n) && !gone.has(n),
  )
  t.same(nowhere, [], 'each has arrived or is a dead letter')
  t.ok(killed <= inFlight, `${killed} came twice for a kill, ${inFlight} were in flight`)
  t.same(unexplained, [], 'nothing else came twice')
  t.ok(
    [...ids.values()].every((known) => known.size === 1),
    'whatever came twice came under its own id',
  )
}

function underWay(dir: string): number {
  const db = new SQLite(join(dir, 'soak.db'))
  const { count } = db.prepare("SELECT count(*) AS count FROM deliveries WHERE state = 'sending'").get() as {
    count: number
  }
  db.close()
  return count
}

function post(
  agent: Agent,
  address: { url: string; secret: string } | undefined,
  id: string,
  body: string,
): Promise<number> {
  const { url = '', secret = '' } = address ?? {}
  const timestamp = String(Math.floor(Date.now() / 1000))
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      agent,
      timeout: 10_000,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
        'x-request-id': randomUUID(),
      },
    })
    sent.once('response', (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
      response.once('error', reject)
    })
    sent.once('timeout', () => sent.destroy(new Error('timeout')))
    sent.once('error', reject)
    sent.end(body)
  })
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of incoming) text += String(chunk)
  return text
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

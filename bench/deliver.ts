/** From the log of events to receivers: how fast, whether one that is down makes the others slower, and how it is tried. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseConfig } from '../server/config/parse.ts'
import { openDatabase } from '../server/db/open-database.ts'
import { createEvents } from '../server/events/create-events.ts'
import { createRecipes } from '../server/webhooks/create-recipes.ts'
import type { Clock } from '../server/webhooks/dispatch.ts'
import type { Figure } from './figure.ts'
import { percentile } from './samples.ts'

const CHANNELS = 20
const PER_SECOND = 100
const DOWN = 'to-0'
const DOWN_SECONDS = 600
/** Up again at last, a probe may be ten minutes away. */
const CATCH_UP_SECONDS = 900
const MOST_TRIES = 30

/** The schedule of tries as it is, but the hours of its clock are shorter: ten minutes pass within `seconds`. */
function createFastClock(times: number): Clock {
  const start = Date.now()
  const began = performance.now()
  return {
    now: () => Math.round(start + (performance.now() - began) * times),
    after(milliseconds, work) {
      const timer = setTimeout(work, milliseconds / times)
      return () => clearTimeout(timer)
    },
  }
}

interface Rig {
  /** Milliseconds from the event to its arrival, by channel. */
  took: Map<string, number[]>
  down: Set<string>
  /** Requests to those that are down. */
  tries(): number
  send(channel: string): void
  /** Throws what broke inside, which would be waited for otherwise. */
  check(): void
  close(): Promise<void>
}

async function createRig(clock: Clock): Promise<Rig> {
  const took = new Map<string, number[]>()
  const down = new Set<string>()
  let tries = 0
  const receiver = createServer((request, response) => {
    const name = request.url?.slice(1) ?? ''
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      if (down.has(name)) {
        tries++
        response.writeHead(503).end()
        return
      }
      const { sent } = JSON.parse(text) as { sent: string }
      took.set(name, [...(took.get(name) ?? []), performance.now() - Number(sent)])
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const dir = mkdtempSync(join(tmpdir(), 'summoner-deliver-'))
  const names = Array.from({ length: CHANNELS }, (_, index) => `to-${index}`)
  const { config } = parseConfig(
    JSON.stringify({
      summoner: {
        domain: 'bench.test',
        outgoing: { allow: ['127.0.0.1'] },
        sources: [{ name: 'ci', type: 'generic' }],
        channels: Object.fromEntries(names.map((name) => [name, { http: { url: { secret: name } } }])),
        recipes: names.map((name) => ({
          name,
          on: { source: 'ci' },
          if: { path: 'data.to', equals: name },
          do: [{ request: { channel: name, body: { sent: '{{ event.data.sent }}' } } }],
        })),
      },
    }),
    { path: join(dir, 'config.yml'), home: dir },
  )
  let broken: unknown
  const failed = (error: unknown) => void (broken ??= error)
  const { db } = openDatabase({ file: join(dir, 'bench.db'), log: { info() {}, error: failed } })
  const events = createEvents({ db, log: { error: failed } })
  const never = () => {
    throw new Error('no jobs here')
  }
  let uid = 0
  let count = 0
  const recipes = createRecipes({
    db,
    events,
    jobs: { submit: never, list: () => [], ended: never, get: never },
    config: () => config,
    secret: (name) => `${base}/${name}`,
    redact: (text) => text,
    ownHosts: () => new Set(),
    ports: { http: 80, https: 443 },
    ownAuthorities: () => [],
    version: 'bench',
    newUid: () => `msg_${++uid}`,
    random: Math.random,
    onError: failed,
    clock,
  })
  recipes.start()
  return {
    took,
    down,
    tries: () => tries,
    check: () => {
      if (broken) throw broken
    },
    send: (to) =>
      void events.appendWith((append) =>
        append({
          source: 'ci',
          type: 'build.failed',
          title: `build ${++count}`,
          data: { to, sent: String(performance.now()) },
        }),
      ),
    async close() {
      await recipes.stop(1_000)
      receiver.closeAllConnections()
      receiver.close()
      db.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A steady stream to all channels; the times of all but the first. */
async function steady(rig: Rig, seconds: number): Promise<number[]> {
  rig.took.clear()
  const count = Math.ceil(seconds * PER_SECOND)
  const began = performance.now()
  for (let sent = 0; sent < count; sent++) {
    const wait = began + (sent * 1000) / PER_SECOND - performance.now()
    if (wait > 1) await sleep(wait)
    rig.send(`to-${sent % CHANNELS}`)
  }
  await sleep(1_000)
  rig.check()
  return [...rig.took].flatMap(([name, times]) => (name === DOWN ? [] : times))
}

export const deliver: Figure = {
  name: 'deliver',
  title: `Deliveries to ${CHANNELS} channels, one of them down`,
  rounds: 3,
  async run({ rounds, scale, say }) {
    const seconds = Math.max(2, 20 * scale)
    const times = DOWN_SECONDS / seconds
    const rig = await createRig(createFastClock(times))
    const [up, one, tries]: [number[], number[], number[]] = [[], [], []]
    let kept = 0
    let missing = 0
    try {
      await steady(rig, 2)
      // in turns, so that neither has the quieter machine
      for (let round = 0; round < rounds; round++) {
        up.push(percentile(await steady(rig, seconds), 0.99))
        const before = rig.tries()
        rig.down.add(DOWN)
        one.push(percentile(await steady(rig, seconds), 0.99))
        tries.push(rig.tries() - before)
        rig.down.clear()
        const sent = Math.ceil((seconds * PER_SECOND) / CHANNELS)
        const here = () => rig.took.get(DOWN)?.length ?? 0
        for (const end = Date.now() + (CATCH_UP_SECONDS * 1000) / times; here() < sent && Date.now() < end;)
          await sleep(20)
        kept += sent
        missing += sent - here()
        say(
          `p99 ${up.at(-1)?.toFixed(1)} ms with all up, ${one.at(-1)?.toFixed(1)} ms of the others with one down; ${tries.at(-1)} tries for ${sent}`,
        )
      }
      rig.took.clear()
      const burst = Math.ceil(10_000 * scale)
      const began = performance.now()
      for (let sent = 0; sent < burst; sent++) rig.send(`to-${1 + (sent % (CHANNELS - 1))}`)
      const count = () =>
        [...rig.took].reduce((sum, [name, arrived]) => sum + (name === DOWN ? 0 : arrived.length), 0)
      while (count() < burst) {
        rig.check()
        await sleep(5)
      }
      const perSecond = burst / ((performance.now() - began) / 1000)
      const median = (values: number[]) => percentile(values, 0.5)
      return {
        measures: [
          { what: 'event to arrival, p99, all up', value: median(up), unit: 'ms', samples: up },
          {
            what: 'event to arrival at the others, p99, one down',
            value: median(one),
            unit: 'ms',
            samples: one,
          },
          { what: 'one down / all up, p99', value: median(one) / median(up), unit: 'x', atMost: 1.1 },
          {
            what: 'tries at the one that is down, in its ten minutes',
            value: Math.max(...tries),
            unit: 'count',
            samples: tries,
            atMost: MOST_TRIES,
          },
          { what: 'messages that waited for it', value: kept, unit: 'count' },
          { what: 'of these, lost', value: missing, unit: 'count', atMost: 0 },
          { what: 'deliveries a second, end to end', value: perSecond, unit: 'count' },
        ],
        notes: [
          `${PER_SECOND} events a second for ${seconds} s to ${CHANNELS} channels of type http; each event is a commit of its own, as are its run, its claim and its outcome.`,
          `One is down for ten minutes of the clock by which tries are scheduled, which runs ${times} times faster than that of the wall: 5 failures open the circuit, then probes after 10, 20, 40 … s.`,
          `The burst: ${burst} events at once to ${CHANNELS - 1} channels; writing them into the log is part of the time.`,
        ],
      }
    } finally {
      await rig.close()
    }
  },
}

/** Recipes at work for a test: a real database and real HTTP, but a clock that the test turns. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import type { Test } from 'tap'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/parse.ts'
import { openDatabase } from '../db/open-database.ts'
import { createEvents } from '../events/create-events.ts'
import type { NewEvent } from '../events/event.ts'
import type { Job } from '../jobs/job.ts'
import { createRecipes, type RecipesDeps } from './create-recipes.ts'
import type { Clock } from './dispatch.ts'

export interface TurnedClock extends Clock {
  /** Lets timers fire in order until there is none before `now + milliseconds`, waiting for what they began. */
  turn(milliseconds: number): Promise<void>
  /** When the next timer is due. */
  next(): number | undefined
}

export function createTurnedClock(
  settled: () => Promise<void>,
  start = Date.UTC(2026, 10, 20, 12),
): TurnedClock {
  let now = start
  let timers: { at: number; work: () => void }[] = []
  return {
    now: () => now,
    after(milliseconds, work) {
      const timer = { at: now + milliseconds, work }
      timers.push(timer)
      return () => void (timers = timers.filter((one) => one !== timer))
    },
    next: () => timers.toSorted((one, other) => one.at - other.at)[0]?.at,
    async turn(milliseconds) {
      const end = now + milliseconds
      await settled()
      for (;;) {
        const [first] = timers.toSorted((one, other) => one.at - other.at)
        if (!first || first.at > end) break
        timers = timers.filter((one) => one !== first)
        now = Math.max(now, first.at)
        first.work()
        await settled()
      }
      now = end
    },
  }
}

export interface Heard {
  at: number
  path: string
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
}

/** What it answers: a status, `silence`, or both by the request. */
export type Answer = number | 'silence' | { status: number; headers?: Record<string, string>; body?: unknown }

export async function createReceiver(
  t: Test,
  now: () => number,
  answer: (heard: Heard) => Answer = () => 200,
) {
  const heard: Heard[] = []
  const state = { answer }
  const server: Server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const one: Heard = {
        at: now(),
        path: request.url ?? '',
        headers: request.headers,
        body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      }
      heard.push(one)
      const said = state.answer(one)
      if (said === 'silence') return
      const { status, headers, body } = typeof said === 'number' ? { status: said } : { ...said }
      response.writeHead(status, headers).end(body === undefined ? 'ok' : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    heard,
    url: `http://127.0.0.1:${port}`,
    texts: () => heard.map(({ body }) => body['text']),
    say: (next: (heard: Heard) => Answer) => void (state.answer = next),
  }
}

export interface RigOptions {
  /** Below `summoner:`. */
  config: string
  secrets?: Record<string, string>
  policy?: RecipesDeps['policy']
  random?: () => number
  file?: string
}

export async function createRig(
  t: Test,
  { config: lines, secrets = {}, policy, random = () => 1, file }: RigOptions,
) {
  const dir = mkdtempSync(join(tmpdir(), 'summoner-recipes-'))
  const errors: unknown[] = []
  const log = pino({ level: 'silent' })
  const { db } = openDatabase({ file: file ?? join(dir, 'summoner.db'), log })
  let config = configOf(lines)
  const events = createEvents({ db, log })
  const jobs: Job[] = []
  let made: ReturnType<typeof createRecipes> | undefined
  let uid = 0
  /** Nothing is under way and nothing more will be begun before a timer fires. */
  const settled = async () => {
    for (let quiet = 0; quiet < 3;) {
      await sleep(1)
      const busy =
        db.prepare("SELECT 1 FROM deliveries WHERE state = 'sending' LIMIT 1").get() !== undefined ||
        (made && made.position() < (events.list({ limit: 1 }).at(-1)?.id ?? 0))
      quiet = busy ? 0 : quiet + 1
    }
  }
  const clock = createTurnedClock(settled)
  const create = () =>
    createRecipes({
      db,
      events,
      jobs: {
        submit: (request) => {
          const job: Job = {
            id: `j${jobs.length + 1}`,
            state: 'succeeded',
            createdAt: new Date(clock.now()).toISOString(),
            steps: [],
            ...request,
          }
          jobs.push(job)
          return job
        },
        list: ({ minion } = {}) => jobs.filter((job) => job.minion === minion),
        get: (id) => jobs.find((job) => job.id === id) as Job,
        ended: async (id) => jobs.find((job) => job.id === id) as Job,
      },
      config: () => config,
      secret: (name) => {
        if (secrets[name] === undefined) throw new Error(`There is no secret "${name}".`)
        return secrets[name]
      },
      redact: (text) => text.replaceAll(/s3cret[\w-]*/gu, '•••'),
      ownHosts: () => new Set(),
      ports: { http: 80, https: 443 },
      ownAuthorities: () => [],
      version: 'test',
      newUid: () => `msg_${++uid}`,
      random,
      onError: (error) => errors.push(error),
      clock,
      ...(policy === undefined ? {} : { policy }),
    })
  made = create()
  const recipes = made
  t.teardown(async () => {
    await made?.stop(0)
    db.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return {
    db,
    events,
    clock,
    jobs,
    errors,
    recipes,
    settled,
    secrets,
    configure: (next: string) => void (config = configOf(next)),
    send: (event: Partial<NewEvent> & { type: string }) =>
      events.appendWith((append) => append({ source: 'gitlab', title: event.type, ...event })),
    states: () =>
      recipes.deliveries
        .list({ limit: 1000 })
        .toReversed()
        .map(({ state }) => state),
  }
}

export function configOf(lines: string): Config {
  const text = `summoner:\n  domain: box.test\n  email: ops@box.test\n  timezone: Europe/Paris\n  outgoing: {allow: [127.0.0.1]}\n  sources: [{name: gitlab, type: gitlab}, {name: other, type: gitlab}]\n${lines}`
  return parseConfig(text, { path: '/srv/box/config.yml', home: '/root' }).config
}

/** The notification centre of a daemon in a process of its own, which a test kills: inbox, log, recipes, deliveries. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { parseConfig } from '../server/config/parse.ts'
import { openDatabase } from '../server/db/open-database.ts'
import { createEvents } from '../server/events/create-events.ts'
import { createHttp } from '../server/http/create-http.ts'
import { boxKey } from '../server/webhooks/box-key.ts'
import { createHooks } from '../server/webhooks/create-hooks.ts'
import { createRecipes } from '../server/webhooks/create-recipes.ts'
import { POLICY } from '../server/webhooks/delivery.ts'

const { dir, port, channels, receiver, speed, timeoutMs } = JSON.parse(process.argv[2] ?? '{}') as {
  dir: string
  port: number
  channels: number
  receiver: string
  /** Pauses are so many times shorter. */
  speed: number
  timeoutMs: number
}

const names = Array.from({ length: channels }, (_, index) => `to-${index}`)
const { config } = parseConfig(
  JSON.stringify({
    summoner: {
      domain: 'soak.test',
      outgoing: { allow: ['127.0.0.1'] },
      sources: [{ name: 'ci', type: 'standard-webhooks', rate: 1_000_000 }],
      channels: Object.fromEntries(
        names.map((name) => [name, { http: { url: { secret: name }, secret: { secret: 'key' } } }]),
      ),
      recipes: names.map((name) => ({
        name,
        on: { source: 'ci', type: 'build.failed' },
        if: { path: 'data.to', equals: name },
        do: [{ request: { channel: name, body: { n: '{{ event.data.n }}' } } }],
      })),
    },
  }),
  { path: join(dir, 'config.yml'), home: dir },
)
const say = (error: unknown) =>
  void process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
const { db } = openDatabase({ file: join(dir, 'soak.db'), log: { info() {}, error: say } })
const events = createEvents({ db, log: { error: say } })
const secret = (name: string) =>
  name === 'key' ? 'whsec_c29hay1zb2FrLXNvYWstc29haw==' : `${receiver}/${name}`
const now = () => new Date()
const hooks = createHooks({
  // nothing is connected here
  engine: { execIn: async () => ({ code: 1, stdout: '', stderr: '' }) },
  ours: () => [],
  applied: () => undefined,
  kept: () => ({}),
  setSecret() {},
  db,
  events,
  config: () => config,
  configFile: { edit: async () => ({ text: '', etag: '', config }) },
  origins: () => ({ outside: `http://127.0.0.1:${port}`, inside: `http://127.0.0.1:${port}` }),
  secretNamed: secret,
  redactor: { add() {} },
  boxKey: boxKey(join(dir, 'hooks.key'), randomBytes),
  randomBytes,
  now,
  onError: say,
})
const never = () => {
  throw new Error('no jobs here')
}
const recipes = createRecipes({
  db,
  events,
  jobs: { submit: never, list: () => [], ended: never, get: never },
  config: () => config,
  secret,
  redact: (text) => text,
  ownHosts: () => new Set(),
  ports: { http: 80, https: 443 },
  ownAuthorities: () => [],
  version: 'soak',
  newUid: () => `msg_${randomBytes(12).toString('hex')}`,
  random: Math.random,
  onError: say,
  policy: {
    ...POLICY,
    pauses: POLICY.pauses.map((pause) => pause / speed),
    timeoutMs,
    breaker: {
      ...POLICY.breaker,
      firstMs: POLICY.breaker.firstMs / speed,
      mostMs: POLICY.breaker.mostMs / speed,
    },
  },
})
const http = await createHttp({
  logger: pino({ level: 'silent' }),
  authenticate: () => ({ name: 'soak', role: 'administrator' }),
  webhooks: hooks.publicRoutes,
  version: 'soak',
})
await http.register(hooks.routes, { prefix: '/api/v1' })
await http.listen({ port, host: '127.0.0.1' })
hooks.start()
recipes.start()
const file = join(dir, 'address.json')
if (!existsSync(file)) {
  const made = await http.inject({
    method: 'POST',
    url: '/api/v1/sources/ci/tokens',
    headers: { authorization: 'Bearer x' },
    payload: {},
  })
  writeFileSync(file, made.body)
}
process.stdout.write(`${readFileSync(file, 'utf8').trim()}\n`)

/** A box of people for the tests: real SQLite, real HTTP application, cheap hashes, a clock to turn. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Test } from 'tap'
import { openDatabase } from '../db/open-database.ts'
import { createEvents } from '../events/create-events.ts'
import { createHttp } from '../http/create-http.ts'
import { createAccounts } from './create-accounts.ts'
import { createTokens } from './create-tokens.ts'
import { createHashes } from './password-hash.ts'
import { tokensRoutes } from './tokens.routes.ts'

export const ORIGIN = 'https://summoner.example.org'
export const PASSWORD = 'correct horse battery staple'

export interface Asking {
  body?: object
  cookie?: string | undefined
  headers?: Record<string, string>
  /** Default: what a browser sends from the page itself. */
  from?: 'page' | 'nobody' | 'same-site' | 'cross-site'
  client?: string
}

const BROWSER = {
  page: { origin: ORIGIN, 'sec-fetch-site': 'same-origin' },
  nobody: {},
  'same-site': { origin: 'https://cloud.example.org', 'sec-fetch-site': 'same-site' },
  'cross-site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
} as const

export async function createPeople(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'summoner-people-'))
  const { db } = openDatabase({ file: join(folder, 'box.db'), log: { info() {}, error() {} } })
  const clock = { now: new Date('2026-03-01T12:00:00.000Z') }
  const now = () => clock.now
  const tokens = createTokens({ db, randomBytes, now })
  const events = createEvents({ db, log: { error() {} }, now })
  const accounts = createAccounts({
    db,
    events,
    randomBytes,
    now,
    origin: () => ORIGIN,
    domain: () => 'example.org',
    hashes: createHashes({ N: 2 ** 10, r: 8, p: 1 }),
  })
  const app = await createHttp({
    logger: pino({ level: 'silent' }),
    authenticate: tokens.authenticate,
    sessions: accounts.check,
    version: '1',
  })
  await app.register(
    async (api) => {
      await api.register(accounts.routes)
      await api.register(tokensRoutes({ tokens }))
    },
    { prefix: '/api/v1' },
  )
  await app.ready()
  t.teardown(async () => {
    await app.close()
    db.close()
    rmSync(folder, { recursive: true, force: true })
  })

  let clients = 0
  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    asking: Asking = {},
  ) => {
    const { body, cookie, headers = {}, from = 'page', client } = asking
    return app.inject({
      method,
      url: `/api/v1${path}`,
      headers: {
        'x-forwarded-proto': 'https',
        // each from an address of its own, so that limits by client stay out of the way
        'x-forwarded-for': client ?? `198.51.${++clients >> 8}.${clients & 255}`,
        'user-agent': 'Test/1.0',
        ...BROWSER[from],
        ...(cookie === undefined ? {} : { cookie }),
        ...headers,
      },
      ...(body ? { payload: body } : {}),
    })
  }
  return {
    app,
    db,
    tokens,
    accounts,
    events,
    ask,
    now,
    pass: (ms: number) => (clock.now = new Date(clock.now.getTime() + ms)),
    /** A person with a password, signed in; the cookie as a browser sends it. */
    async person(name: string, role: 'viewer' | 'operator' | 'administrator') {
      const { link } = accounts.people.add({ name, role }, 'local')
      const body = { link: secretOf(link.url), password: PASSWORD }
      return cookieOf(await ask('POST', '/setup', { body }))
    },
    signIn: async (name: string, more: object = {}, asking: Asking = {}) =>
      ask('POST', '/session', { body: { name, password: PASSWORD, ...more }, ...asking }),
  }
}
export type People = Awaited<ReturnType<typeof createPeople>>

export const secretOf = (url: string): string => url.split('#')[1] ?? ''

/** What the browser keeps of an answer, and sends from then on. */
export function cookieOf(answer: { headers: Record<string, unknown> }): string {
  return setCookieOf(answer).split(';')[0] ?? ''
}

export function setCookieOf({ headers }: { headers: Record<string, unknown> }): string {
  const set = headers['set-cookie']
  return typeof set === 'string' ? set : ''
}

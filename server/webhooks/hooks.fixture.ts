/** The room of webhooks over a database of its own, with a clock that tests turn. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { SourceWish } from '../config/config.ts'
import { openDatabase } from '../db/open-database.ts'
import { createEvents } from '../events/create-events.ts'
import { createHttp } from '../http/create-http.ts'
import { createHooks } from './create-hooks.ts'

export interface HookBox {
  /** Sources as config.yml would have them. */
  wishes: SourceWish[]
  clock: { at: number }
  secrets: Record<string, string>
}

export async function createHookBox(wishes: SourceWish[]) {
  const folder = mkdtempSync(join(tmpdir(), 'summoner-hooks-'))
  const clock = { at: Date.parse('2026-11-21T08:00:00Z') }
  const secrets: Record<string, string> = {}
  const errors: unknown[] = []
  const now = () => new Date(clock.at)
  const { db } = openDatabase({ file: join(folder, 'hooks.db'), log: { info() {}, error() {} } })
  const events = createEvents({ db, log: { error: (data: unknown) => void errors.push(data) }, now })
  const hooks = createHooks({
    db,
    events,
    config: () => ({ sources: wishes, domain: 'example.org' }),
    configFile: {
      edit: async (...changes) => {
        const config = changes.reduce((before, change) => change.intend(before), {
          sources: wishes,
        } as Parameters<(typeof changes)[0]['intend']>[0])
        wishes.splice(0, wishes.length, ...config.sources)
        return { text: '', etag: '', config }
      },
    },
    origins: () => ({ outside: 'https://hooks.example.org', inside: 'http://hooks.example.org' }),
    secretNamed: (name) => {
      const value = secrets[name]
      if (value === undefined) throw new Error('never set')
      return value
    },
    redactor: { add() {} },
    engine: { execIn: async () => ({ code: 0, stdout: '', stderr: '' }) },
    ours: () => [],
    applied: () => undefined,
    kept: () => ({}),
    setSecret: (name, value) => void (secrets[name] = value),
    boxKey: Buffer.alloc(32, 1),
    randomBytes,
    now,
    onError: (error) => void errors.push(error),
  })
  const app = await createHttp({
    logger: pino({ level: 'silent' }),
    authenticate: () => ({ name: 'root', role: 'administrator' }),
    webhooks: hooks.publicRoutes,
    version: '1',
  })
  await app.register(hooks.routes, { prefix: '/api/v1' })
  await app.ready()
  const api = async (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) =>
    app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { authorization: 'Bearer x' },
      ...(payload ? { payload } : {}),
    })
  return {
    app,
    api,
    db,
    events,
    hooks,
    clock,
    secrets,
    errors,
    wishes,
    /** Sends a webhook as a client of that address. */
    send: async (path: string, payload: string | Buffer, headers: Record<string, string> = {}) =>
      app.inject({
        method: 'POST',
        url: path,
        payload,
        headers: { 'content-type': 'application/json', ...headers },
      }),
    async close() {
      await app.close()
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

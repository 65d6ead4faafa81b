/** The room of incoming webhooks, put together for `app.ts`. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from 'better-sqlite3'
import type { Config } from '../config/config.ts'
import type { Events } from '../events/event.ts'
import { connect, type ConnectDeps } from './connect/connect.ts'
import { hooksRoutes } from './hooks.routes.ts'
import { createCounts } from './inbox-counts.ts'
import { createRate, createStrikes } from './inbox-limits.ts'
import { createInboxStore } from './inbox-store.ts'
import { createInbox } from './inbox.ts'
import { createBodyReader } from './read-body.ts'
import { createReceiver } from './receive.ts'
import { createSeen } from './seen.ts'
import { createSeenStore } from './seen-store.ts'
import { createSources } from './sources.ts'
import { sourcesRoutes, type SourcesRoutesDeps } from './sources.routes.ts'

interface HooksDeps
  extends
    Pick<SourcesRoutesDeps, 'configFile' | 'origins' | 'redactor'>,
    Pick<ConnectDeps, 'engine' | 'ours' | 'applied' | 'kept' | 'setSecret'> {
  db: Database
  events: Pick<Events, 'append' | 'appendWith'>
  config(): Pick<Config, 'sources' | 'domain'>
  secretNamed(name: string): string
  /** What the secrets of all sources are made from. */
  boxKey: Buffer
  randomBytes(size: number): Buffer
  now(): Date
  onError(error: unknown): void
  /** Many webhooks come at the same time. */
  onCrowd?(): void
}

const WRITE_MS = 5_000
const TIDY_MS = 10 * 60_000

export function createHooks(deps: HooksDeps) {
  const { db, events, config, now, onError } = deps
  const store = createInboxStore(db)
  const counts = createCounts({ store, events, now })
  const sources = createSources({ ...deps, store })
  const seen = createSeen({ store: createSeenStore(db), onError })
  const inbox = createInbox({ events, seen, now, ...(deps.onCrowd ? { onCrowd: deps.onCrowd } : {}) })
  const milliseconds = () => now().getTime()
  const receive = createReceiver({
    inbox,
    counts,
    now,
    onBroken: (error, source) =>
      onError(new Error(`A webhook of ${source} was not understood.`, { cause: error })),
  })
  const guarded = (work: () => void) => () => {
    try {
      work()
    } catch (error) {
      onError(error)
    }
  }
  const tidy = guarded(() => {
    seen.move()
    seen.forget(milliseconds())
    sources.tidy()
  })
  const write = guarded(() => counts.write())
  const timers: NodeJS.Timeout[] = []

  return {
    sources,
    /** `/hooks/…`, beside the API. */
    publicRoutes: hooksRoutes({
      sources,
      counts,
      rate: createRate(milliseconds),
      strikes: createStrikes(milliseconds),
      readBody: createBodyReader(),
      receive,
    }),
    routes: (async (app) => {
      await app.register(
        sourcesRoutes({
          ...deps,
          config,
          sources,
          counts,
          connect: (minion, by) => connect({ ...deps, sources }, minion, by),
        }),
      )
    }) satisfies FastifyPluginAsyncTypebox,
    start() {
      timers.push(setInterval(write, WRITE_MS).unref(), setInterval(tidy, TIDY_MS).unref())
    },
    stop() {
      for (const timer of timers) clearInterval(timer)
      write()
    },
  }
}

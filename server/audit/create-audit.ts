/** Writes the audit log. Who acts is remembered along the asynchronous calls that a request or a job leads to. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from 'better-sqlite3'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { clientOf } from '../http/auth.ts'
import type { Acting, NewEntry } from './audit.ts'
import { createAuditStore } from './audit-store.ts'
import { lineDiff } from './line-diff.ts'

export interface AuditDeps {
  db: Database
  now(): Date
  log: Pick<FastifyBaseLogger, 'error'>
  /** Takes secrets out of texts. */
  redact(text: string): string
  /** Whether somebody has that name: what strangers type into the name field may be a password. */
  isUser(name: string): boolean
  /** Entries that are kept: of the house, and of strangers who tried to sign in. */
  keep?: { house: number; strangers: number }
}

const TRIM_EVERY = 200
const SAFE = ['GET', 'HEAD', 'OPTIONS']
const CHANGED_ON_DISK: Acting = { actor: 'summoner', via: 'local' }

export function createAudit({
  db,
  now,
  log,
  redact,
  isUser,
  keep = { house: 100_000, strangers: 5000 },
}: AuditDeps) {
  const store = createAuditStore(db)
  const acting = new AsyncLocalStorage<Acting>()
  let written = 0
  /** A full disk must not turn a change that was made into an error. */
  const write = (entry: NewEntry) => {
    try {
      store.insert(entry, now().toISOString())
      if (written++ % TRIM_EVERY === 0) {
        store.trim(keep.house, { strangers: false })
        store.trim(keep.strangers, { strangers: true })
      }
    } catch (error) {
      log.error({ err: error, entry }, 'An entry of the audit log could not be written.')
    }
  }

  const actingIn = (app: FastifyInstance, request: FastifyRequest): Acting => {
    const { actor } = request
    if (app.adminRequests.has(request.raw)) return { actor: 'local', via: 'local' }
    const address = clientOf(request)
    if (actor) return { actor: actor.name, via: actor.session ? 'user' : 'token', address }
    const typed = (request.body as { name?: unknown } | undefined)?.name
    const known = typeof typed === 'string' && isUser(typed)
    return { actor: known ? typed : 'unknown', via: 'public', address }
  }

  return {
    list: store.list,

    /** Every request that changes something, and those that are marked `audited`, refused or not. */
    watch(app: FastifyInstance): void {
      app.addHook('preHandler', (request, _reply, done) => {
        acting.run(actingIn(app, request), done)
      })
      app.addHook('onResponse', async (request, reply) => {
        const { config, schema } = request.routeOptions
        const asks = SAFE.includes(request.method) && !config.audited
        const stranger = request.actor === null && !config.signsIn
        if (request.is404 || asks || stranger || config.audited === false) return
        const who = actingIn(app, request)
        const target = who.via === 'public' ? '' : targetOf(request)
        write({
          ...who,
          action: schema?.operationId ?? `${request.method} ${request.routeOptions.url}`,
          ...(target ? { target } : {}),
          status: reply.statusCode,
        })
      })
    },

    /** What a job does is done by who asked for it. */
    onBehalf: <T>(actor: string, work: () => T): T => acting.run({ actor, via: 'job' }, work),

    /** What no request tells of. */
    happened(actor: string, action: string, target: string): void {
      write({ actor, via: actor === 'local' ? 'local' : 'user', action, target })
    },

    configWritten(before: string, after: string): void {
      const change = redact(lineDiff(before, after))
      write({ ...(acting.getStore() ?? CHANGED_ON_DISK), action: 'writeConfig', change })
    },
  }
}
export type Audit = ReturnType<typeof createAudit>

/** What the request names: the parts of its address, or the name in its body. Nothing else of a body is kept. */
function targetOf({ params, body }: FastifyRequest): string {
  const named = Object.values((params as Record<string, string> | undefined) ?? {})
  const { name, template } = (body ?? {}) as { name?: unknown; template?: unknown }
  const own = [name, template].find((value) => typeof value === 'string')
  return (named.length > 0 ? named.join(' ') : (own ?? '')).slice(0, 200)
}

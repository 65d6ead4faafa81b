/** Recipes at work: events in, deliveries out. The one door of this half of the room. */
import type { Database } from 'better-sqlite3'
import type { Config } from '../config/config.ts'
import type { Events } from '../events/event.ts'
import type { Jobs } from '../jobs/job.ts'
import { actionFor } from './actions/actions.ts'
import { createAdvance, UNRENDERED } from './advance.ts'
import { recipesOf } from './alerts.ts'
import { carryOut } from './carry-out.ts'
import { typeOf } from './channel.ts'
import { createConsumer } from './consume.ts'
import { createDeliveryStore } from './delivery-store.ts'
import { POLICY, type Policy } from './delivery.ts'
import { createDispatcher, type Clock, type News } from './dispatch.ts'
import { createLoopGuard } from './loop-guard.ts'
import { createMinionJobs } from './minion-jobs.ts'
import { createOutgoing, type OutgoingDeps } from './outgoing.ts'
import { allowList } from './public-address.ts'
import { createRenderer, type Renderer } from './render-text.ts'
import { createRunStore } from './run-store.ts'
import { createSmtp } from './smtp.ts'
import { createKeepers } from './retention.ts'
import type { Call } from './walk.ts'

export interface RecipesDeps {
  db: Database
  events: Events
  jobs: Pick<Jobs, 'submit' | 'list' | 'ended' | 'get'>
  /** The newest config.yml that was valid. */
  config(): Config
  secret(name: string): string
  redact(text: string): string
  /** Hosts that our own nginx serves. */
  ownHosts(): ReadonlySet<string>
  ports: OutgoingDeps['ports']
  ownAuthorities(host: string): string[]
  version: string
  newUid(): string
  random(): number
  onError(error: unknown): void
  policy?: Policy
  clock?: Clock
}

const MINION_LEASE_MS = 6 * 3_600_000
const TOLD_AGAIN_MS = 3_600_000

export const systemClock: Clock = {
  now: Date.now,
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds)
    return () => clearTimeout(timer)
  },
}

export type Recipes = ReturnType<typeof createRecipes>

export function createRecipes(deps: RecipesDeps) {
  const { db, events, config, policy = POLICY, clock = systemClock } = deps
  const runs = createRunStore(db)
  const deliveries = createDeliveryStore(db)
  const timezone = () => config().timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  let texts: { timezone: string; renderer: Renderer } | undefined
  const renderer = () => {
    if (texts?.timezone !== timezone())
      texts = { timezone: timezone(), renderer: createRenderer({ timezone: timezone() }) }
    return texts.renderer
  }
  let allowed: { entries: unknown; check: (address: string) => boolean } | undefined
  const outgoing = createOutgoing({
    ...deps,
    userAgent: `Summoner/${deps.version}`,
    allowed: (address) => {
      const entries = config().outgoing?.allow ?? []
      if (allowed?.entries !== entries) allowed = { entries, check: allowList(entries) }
      return allowed.check(address)
    },
  })
  const smtp = createSmtp({ config, secret: deps.secret, timeoutMs: policy.timeoutMs })
  const tools = {
    send: outgoing.send,
    mail: smtp.send,
    minion: createMinionJobs({ jobs: deps.jobs, applications: () => config().applications }),
    timeoutMs: policy.timeoutMs,
  }
  const channel = (name: string) => {
    const { channels } = config()
    return Object.hasOwn(channels, name) ? channels[name] : undefined
  }
  const actionOf = (call: Call) => {
    const found = 'channel' in call ? channel(call.channel) : undefined
    return actionFor(call, found && typeOf(found))
  }
  const broken = new Map<string, number>()
  const advance = createAdvance({
    runs,
    deliveries,
    renderer,
    timezone,
    policy,
    now: clock.now,
    newUid: deps.newUid,
    onBroken: (recipe, error) => {
      const last = broken.get(recipe) ?? -Infinity
      if (clock.now() - last < TOLD_AGAIN_MS) return
      broken.set(recipe, clock.now())
      const title = `The recipe ${recipe} failed: ${error}`
      // not in the transaction that found it: who listens to events must not see what may be taken back
      setImmediate(() =>
        events.append({ type: 'recipe.failed', severity: 'error', title, data: { recipe, error } }),
      )
    },
    recipe: (name) => config().recipes.find((recipe) => recipe.name === name),
    awake: (destination) => dispatcher.awake(destination),
  })
  const guard = createLoopGuard({
    runs,
    deliveries,
    job: (id) => {
      try {
        return deps.jobs.get(id)
      } catch {
        return undefined
      }
    },
  })
  const dispatcher = createDispatcher({
    ...deps,
    runs,
    deliveries,
    renderer,
    advance,
    clock,
    policy,
    rateOf: (call) => {
      const action = actionOf(call)
      return { perSecond: 1, burst: 1, joins: false, ...action?.rate, ...(action && { joins: action.joins }) }
    },
    leaseMs: (call) => (call.action === 'minion' ? MINION_LEASE_MS : policy.timeoutMs * 20),
    carryOut: async (row, call, onProgress) => {
      const recipe = runs.get(row.run)?.recipe.name ?? ''
      // a job is signed with the number of the delivery, by which its events are known again
      const id = call.action === 'minion' ? String(row.id) : row.uid
      const about = { id, recipe, now: clock.now() }
      const outcome = await carryOut(
        { call, about, progress: row.progress, onProgress },
        { channel, secret: deps.secret, tools },
      )
      return outcome.ok ? outcome : { ...outcome, error: deps.redact(outcome.error) }
    },
    onNews: (news) => tell(news, events),
  })
  const consumer = createConsumer({
    db,
    events,
    runs,
    advance,
    guard,
    recipes: () => recipesOf(config()),
    now: clock.now,
    onError: deps.onError,
    onStopped: (recipe, reason) =>
      void events.append({
        type: 'recipe.stopped',
        severity: 'error',
        title: `The recipe ${recipe} fed itself and was stopped: ${reason}`,
        data: { recipe, reason },
      }),
  })
  const keepers = createKeepers({ runs, clock, onError: deps.onError })

  return {
    runs,
    deliveries,
    dispatcher,
    renderer,
    timezone,
    recipes: () => recipesOf(config()),
    channel,
    carryOut: (call: Call, uid: string) =>
      carryOut(
        { call, about: { id: uid, recipe: 'test', now: clock.now() }, progress: 0, onProgress: () => {} },
        { channel, secret: deps.secret, tools },
      ),
    /** Sends it again, as it was said; a chain that ended with it goes on. */
    replay(id: number): boolean {
      const now = clock.now()
      const row = deliveries.get(id)
      const done = db.transaction(() => {
        if (row?.state === 'dead' && row.error?.startsWith(UNRENDERED)) {
          deliveries.remove(id)
          advance.advanceRun(row.run)
          return true
        }
        if (!row || !deliveries.replay(id, now, now + policy.giveUpMs)) return false
        runs.end(row.run, 'waiting', now)
        return true
      })()
      if (done && row) dispatcher.awake(row.destination)
      return done
    },
    start(): void {
      dispatcher.start()
      consumer.start()
      keepers.start()
    },
    async stop(graceMs: number): Promise<void> {
      consumer.stop()
      keepers.stop()
      await dispatcher.stop(graceMs)
      outgoing.close()
      smtp.close()
    },
    position: consumer.position,
  }
}

function tell(news: News, events: Pick<Events, 'append'>): void {
  const { destination } = news
  const name = destination.replace(/^channel:/u, '')
  const data = { destination }
  if (news.kind === 'recovered') {
    events.append({ type: 'channel.recovered', title: `${name} takes messages again`, data })
  } else if (news.kind === 'failing') {
    const { error } = news
    const title = `${name} takes no messages: ${error}`
    events.append({ type: 'channel.failing', severity: 'warning', title, data: { ...data, error } })
  } else {
    const { recipe, error, attempts } = news
    const tries = attempts === 1 ? 'try' : 'tries'
    events.append({
      type: 'delivery.failed',
      severity: 'error',
      title: `A message to ${name} was given up after ${attempts} ${tries}: ${error}`,
      data: { ...data, recipe, error },
    })
  }
}

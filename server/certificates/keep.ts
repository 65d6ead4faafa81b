/** Keeps every certificate of an ACME server alive: orders the first, renews in time, tries again, says so when it cannot. */
import { type AttendDeps, createAttend } from './attend.ts'
import { type Group, type Groups, groupsOf } from './group.ts'
import { createJudge } from './judge.ts'
import { type Kept, keptOf } from './kept.ts'
import { namesKey } from './budget.ts'
import type { Ledger } from './ledger-store.ts'
import { type ObtainDeps, type Obtained, createObtain } from './obtain.ts'
import type { Certificate } from './certificate.ts'
import { type Source, covers } from './source.ts'
import type { CertificateStore } from './store.ts'

const HOUR = 3_600_000
const AT_ONCE = 3
const SETTLE_MS = 200

export interface KeeperDeps extends AttendDeps, ObtainDeps {
  ledger: Ledger
  store: CertificateStore
  /** As the proxy serves them. */
  hosts(): string[]
  source(host: string): Source
  /** HTTP-01 needs nginx. */
  proxyRuns(): boolean
  /** The store has changed. */
  publish(): Promise<unknown>
  /** Why a host cannot use the files that the operator brought. */
  unusable(host: string): string | undefined
  onError(error: unknown): void
}

export function createKeeper(deps: KeeperDeps) {
  const { ledger, now } = deps
  const verdict = createJudge(deps)
  const { heldBy, judge, lastOf, problemOf } = verdict
  const { attend, warn } = createAttend(deps)
  const obtain = createObtain(deps, verdict)
  const underway = new Set<string>()
  /** With `auto`, names that do not lead here are looked at again later; by key, in milliseconds. */
  const elsewhere = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let wakesAt = Infinity
  let looking: Promise<void> | undefined
  let again = false
  let stopped = false
  let troubles: ReadonlyMap<string, string> = new Map()

  /** Whoever asks for a thousand hosts in one breath shares one answer. */
  let grouped: Groups | undefined
  const grouping = (): Groups => {
    if (grouped) return grouped
    grouped = groupsOf(deps.hosts(), deps.source)
    queueMicrotask(() => (grouped = undefined))
    return grouped
  }
  const groups = (): Group[] => grouping().all
  const ready = ({ source }: Group): boolean => source.dns !== undefined || deps.proxyRuns()
  const waits = ({ source }: Group): number => elsewhere.get(namesKey(source.names)) ?? 0

  const guarded = async (group: Group, asked = false): Promise<Obtained | undefined> => {
    const key = namesKey(group.source.names)
    if (underway.has(key)) return undefined
    underway.add(key)
    try {
      const outcome = await obtain(group, asked)
      if (outcome === 'elsewhere') elsewhere.set(key, now().getTime() + HOUR)
      // what is served changes in its own time: the next certificate need not wait
      if (outcome === 'issued') void deps.publish().catch(deps.onError)
      return outcome
    } catch (error) {
      deps.onError(error)
      return undefined
    } finally {
      underway.delete(key)
      gather()
    }
  }

  /** What the operator laid into files and some host is served with. */
  const brought = (): Certificate[] => {
    const hosts = deps.hosts().filter((host) => deps.source(host).kind === 'files')
    if (hosts.length === 0) return []
    return deps.store
      .list()
      .filter(({ source, names }) => source === 'files' && hosts.some((host) => covers(names, host)))
  }

  const look = async (): Promise<void> => {
    for (const certificate of brought()) warn(certificate.names, certificate)
    const due: Group[] = []
    for (const group of groups()) {
      try {
        const certificate = heldBy(group)
        if (certificate) await attend(group, certificate)
        if (ready(group) && waits(group) <= now().getTime() && judge(group).order) due.push(group)
      } catch (error) {
        // what is wrong with one keeps no other from being renewed
        deps.onError(error)
      }
    }
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let group = due.shift(); group && !stopped; group = due.shift()) await guarded(group)
    })
    await Promise.all(workers)
  }

  /** `wakesAt` counts what runs while the clock on the wall may be set: a jump must not leave us asleep. */
  const wake = (at: number): void => {
    const pause = Math.min(Math.max(at - now().getTime(), SETTLE_MS), HOUR)
    const wished = performance.now() + pause
    if (stopped || wished >= wakesAt) return
    clearTimeout(timer)
    wakesAt = wished
    timer = setTimeout(() => {
      wakesAt = Infinity
      start()
    }, pause)
    timer.unref()
  }

  const start = (): void => {
    if (looking) {
      again = true
      return
    }
    looking = look()
      .catch(deps.onError)
      .finally(() => {
        looking = undefined
        if (stopped) return
        gather()
        if (again) wake(now().getTime())
        again = false
        const later = groups()
          .filter(ready)
          .map((group) => Math.max(Date.parse(judge(group).at), waits(group), now().getTime() + 1_000))
        wake(Math.min(now().getTime() + HOUR, ...later))
      })
  }

  const whyNot = (group: Group, outcome: Obtained | undefined): string | undefined => {
    if (outcome === 'issued') return undefined
    if (outcome === 'elsewhere')
      return 'It does not lead to this server; `summoner certificates check` says why.'
    const reason = outcome === 'failed' ? lastOf(group)?.reason : outcome && judge(group, true).held
    return reason ?? 'It is under way.'
  }

  const groupOf = (host: string): Group | undefined => grouping().byHost.get(host)
  const gather = (): void => {
    const found = new Map<string, string>()
    for (const host of deps.hosts()) {
      const why = deps.unusable(host)
      if (why !== undefined) found.set(host, why)
    }
    for (const group of groups()) {
      const why = problemOf(group)
      if (why !== undefined) for (const host of group.hosts) found.set(host, why)
    }
    if (found.size !== troubles.size || [...found].some(([host, why]) => troubles.get(host) !== why))
      troubles = found
  }

  return {
    /** The hosts, config.yml or nginx have changed. */
    soon: () => wake(now().getTime()),
    /** true once the host has its certificate, or it is known why not. */
    settled(host: string): boolean {
      const group = groupOf(host)
      if (!group || !group.source.required || heldBy(group)) return true
      const last = lastOf(group)
      const ended = last !== undefined && last.outcome !== 'underway' && !judge(group).order
      return !underway.has(namesKey(group.source.names)) && (ended || judge(group).held !== undefined)
    },
    problem(host: string): string | undefined {
      const group = groupOf(host)
      return deps.unusable(host) ?? (group && problemOf(group))
    },
    /** All problems by host; the same map until one changes. */
    troubles: () => troubles,
    list: (): Kept[] => groups().map((group) => keptOf(group, waits(group), { ledger, now }, verdict)),
    /** Orders now for the certificate of this host, or for all; says of each what came of it. */
    async renew(host?: string): Promise<{ names: string[]; error?: string }[]> {
      const wanted = groups().filter(
        ({ hosts, source }) => !host || hosts.includes(host) || source.names.includes(host),
      )
      const results: { names: string[]; error?: string }[] = []
      for (const group of wanted) {
        const { names } = group.source
        const outcome = judge(group, true).order ? await guarded(group, true) : 'held'
        const error = whyNot(group, outcome)
        results.push({ names, ...(error ? { error } : {}) })
      }
      if (results.some(({ error }) => error === undefined)) await deps.publish()
      return results
    },
    /** The preflight alone. */
    check: async (): Promise<{ names: string[]; cause?: string }[]> => {
      elsewhere.clear()
      const found: { names: string[]; cause?: string }[] = []
      for (const { source } of groups()) {
        const cause = await deps.preflight(source)
        found.push({ names: source.names, ...(cause ? { cause } : {}) })
      }
      return found
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await looking
    },
  }
}
export type Keeper = ReturnType<typeof createKeeper>

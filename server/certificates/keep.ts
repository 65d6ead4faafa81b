/** Keeps every certificate of an ACME server alive: orders the first, renews in time, tries again, says so when it cannot. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Events } from '../events/event.ts'
import type { Certificate } from './certificate.ts'
import { factsOf } from './acme/directory.ts'
import { type Advice, ariId, momentOf } from './acme/renewal-info.ts'
import { AcmeBusy } from './acme/transport.ts'
import { heldFor } from './create-certificates.ts'
import type { Issued } from './issuer.ts'
import {
  type Budget,
  type Decision,
  budgetOf,
  decide,
  failuresOf,
  namesKey,
  nextAttempt,
  warningOf,
} from './ledger.ts'
import type { Ledger } from './ledger-store.ts'
import { type AcmeSource, type Source, storedAs } from './source.ts'
import type { CertificateStore } from './store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const AT_ONCE = 3
const SETTLE_MS = 200
/** Failures in a row after which an order is tried at the staging server first. */
const REHEARSE_AFTER = 3

export interface KeeperDeps {
  ledger: Ledger
  store: CertificateStore
  events: Pick<Events, 'append'>
  now(): Date
  /** Between 0 and 1. */
  random(): number
  /** As the proxy serves them. */
  hosts(): string[]
  source(host: string): Source
  /** HTTP-01 needs nginx. */
  proxyRuns(): boolean
  order(source: AcmeSource, options: { directory: string; replaces?: string }): Promise<Issued>
  advice(source: AcmeSource, leafPem: string): Promise<Advice | undefined>
  /** Why an order would fail; undefined when nothing speaks against it. */
  preflight(source: AcmeSource): Promise<string | undefined>
  /** The store has changed. */
  publish(): Promise<unknown>
  /** Why a host cannot use the files that the operator brought. */
  unusable(host: string): string | undefined
  onError(error: unknown): void
}

/** One certificate: all hosts that share it. */
interface Group {
  source: AcmeSource
  hosts: string[]
}

export interface Kept {
  names: string[]
  /** Served with it, or waiting for it. */
  hosts: string[]
  directory: string
  certificate?: Certificate
  nextAttempt: string
  held?: string
  lastError?: string
  failures: number
  budget: Budget[]
}

export function createKeeper(deps: KeeperDeps) {
  const { ledger, store, events, now } = deps
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
  let grouped: { all: Group[]; byHost: ReadonlyMap<string, Group> } | undefined
  const grouping = () => {
    if (grouped) return grouped
    const found = new Map<string, Group>()
    const byHost = new Map<string, Group>()
    for (const host of deps.hosts()) {
      const source = deps.source(host)
      if (source.kind !== 'acme') continue
      const key = namesKey(source.names)
      const group = found.get(key) ?? { source, hosts: [] }
      group.hosts.push(host)
      found.set(key, group)
      byHost.set(host, group)
    }
    grouped = { all: [...found.values()], byHost }
    queueMicrotask(() => (grouped = undefined))
    return grouped
  }
  const groups = (): Group[] => grouping().all

  const heldBy = ({ source, hosts }: Group): Certificate | undefined => {
    const held = heldFor(hosts[0] ?? '', source, store, now())
    return held?.source === source.directory && source.names.every((name) => held.names.includes(name))
      ? held
      : undefined
  }

  const judge = (group: Group, asked = false): Decision => {
    const { source } = group
    const certificate = heldBy(group)
    const serial = certificate && serialOf(certificate)
    const { renewAt } = serial ? ledger.renewal(serial) : {}
    return decide({
      names: source.names,
      limits: factsOf(source.directory).limits,
      attempts: ledger.attempts(source.directory),
      now: now(),
      ...(certificate ? { certificate } : {}),
      ...(renewAt ? { renewAt } : {}),
      replaces: renewAt !== undefined,
      share: shareOf(`${namesKey(source.names)} ${serial ?? ''}`),
      asked,
    })
  }

  /** Asks the server for its advice where that is due, and warns of an end that comes near. */
  const attend = async (group: Group, certificate: Certificate): Promise<void> => {
    const serial = serialOf(certificate)
    const known = ledger.renewal(serial)
    if (Date.parse(known.askAgainAt ?? '1970-01-01') <= now().getTime()) {
      const leaf = readFileSync(certificate.certificateFile, 'utf8')
      const advice = await deps.advice(group.source, leaf).catch(() => undefined)
      const share = shareOf(`${namesKey(group.source.names)} ${serial}`)
      const moved = advice && momentOf(advice, share).toISOString()
      ledger.advise(serial, {
        ...(moved ? { renewAt: moved } : known.renewAt ? { renewAt: known.renewAt } : {}),
        ...(advice?.explanation ? { explanation: advice.explanation } : {}),
        askAgainAt: (advice?.askAgainAt ?? new Date(now().getTime() + 6 * HOUR)).toISOString(),
      })
    }
    const percent = warningOf(certificate, known.warned, now())
    if (percent === undefined) return
    ledger.warned(serial, percent)
    events.append({
      type: 'certificate.expiring',
      severity: percent > 10 ? 'warning' : 'error',
      title: `The certificate of ${namesKey(group.source.names)} ends at ${certificate.notAfter}`,
      data: { names: group.source.names, notAfter: certificate.notAfter, percent },
    })
  }

  const tryFor = async (group: Group): Promise<void> => {
    const { source } = group
    const { names, directory } = source
    const key = namesKey(names)
    const facts = factsOf(directory)
    const cause = await deps.preflight(source)
    if (cause !== undefined && !source.required) {
      elsewhere.set(key, now().getTime() + HOUR)
      return
    }
    const certificate = heldBy(group)
    const renewal = certificate && ledger.renewal(serialOf(certificate))
    const replaces =
      certificate && renewal?.renewAt ? ariId(readFileSync(certificate.certificateFile, 'utf8')) : undefined
    const id = ledger.begin({ directory, names, replaces: replaces !== undefined, now: now() })
    const fail = (outcome: 'failed' | 'refused', reason: string, retryAfter?: Date): void => {
      const failures = failuresOf(ledger.attempts(directory), names)
      const retryAt = nextAttempt({
        failures,
        now: now(),
        ...(certificate ? { notAfter: certificate.notAfter } : {}),
        ...(retryAfter ? { retryAfter } : {}),
        random: deps.random(),
      })
      ledger.end(id, { outcome, now: now(), reason, retryAt })
      events.append({
        type: 'certificate.failed',
        severity: 'warning',
        title: `${key} has no new certificate: ${reason}`,
        data: { names, directory, reason, retryAt: retryAt.toISOString(), failures },
      })
    }
    if (cause !== undefined) return fail('refused', cause)
    const failures = failuresOf(ledger.attempts(directory), names) - 1
    if (facts.rehearsal !== undefined && failures >= REHEARSE_AFTER) {
      try {
        await deps.order(source, { directory: facts.rehearsal })
      } catch (error) {
        return fail('refused', `The rehearsal at the staging server failed: ${messageOf(error)}`)
      }
    }
    try {
      const issued = await deps.order(source, { directory, ...(replaces ? { replaces } : {}) })
      const stored = store.put(storedAs(names), names, issued)
      ledger.end(id, { outcome: 'issued', now: now() })
      events.append({
        type: 'certificate.issued',
        title: `${key} has a certificate until ${stored.notAfter.slice(0, 16)}`,
        data: { names, issuer: stored.issuer, notAfter: stored.notAfter },
      })
    } catch (error) {
      const retryAfter = error instanceof AcmeBusy ? error.retryAfter : undefined
      return fail('failed', messageOf(error), retryAfter)
    }
    // what is served changes in its own time: the next certificate need not wait
    void deps.publish().catch(deps.onError)
  }

  const ready = ({ source }: Group): boolean => source.dns !== undefined || deps.proxyRuns()
  const waits = ({ source }: Group): number => elsewhere.get(namesKey(source.names)) ?? 0

  const guarded = async (group: Group): Promise<void> => {
    const key = namesKey(group.source.names)
    if (underway.has(key)) return
    underway.add(key)
    try {
      await tryFor(group)
    } catch (error) {
      deps.onError(error)
    } finally {
      underway.delete(key)
      gather()
    }
  }

  const look = async (): Promise<void> => {
    const due: Group[] = []
    for (const group of groups()) {
      const certificate = heldBy(group)
      if (certificate) await attend(group, certificate)
      if (ready(group) && waits(group) <= now().getTime() && judge(group).order) due.push(group)
    }
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let group = due.shift(); group && !stopped; group = due.shift()) await guarded(group)
    })
    await Promise.all(workers)
  }

  const wake = (at: number): void => {
    if (stopped || at >= wakesAt) return
    clearTimeout(timer)
    wakesAt = at
    timer = setTimeout(
      () => {
        wakesAt = Infinity
        start()
      },
      Math.min(Math.max(at - now().getTime(), SETTLE_MS), HOUR),
    )
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

  const groupOf = (host: string): Group | undefined => grouping().byHost.get(host)
  const lastOf = ({ source }: Group) =>
    ledger.attempts(source.directory).findLast(({ names }) => names === namesKey(source.names))

  /** Why the host is not served with the certificate that config.yml asks for, or soon will not be. */
  const problemOf = (group: Group): string | undefined => {
    if (!group.source.required) return undefined
    const certificate = heldBy(group)
    if (certificate && warningOf(certificate, undefined, now()) === undefined) return undefined
    const last = lastOf(group)
    const { held, at } = judge(group)
    const reason = held ?? (last?.outcome === 'issued' ? undefined : last?.reason)
    return reason && `No certificate of ${new URL(group.source.directory).host}: ${reason} Next try: ${at}.`
  }

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
    list: (): Kept[] =>
      groups().map((group) => {
        const { names, directory } = group.source
        const attempts = ledger.attempts(directory)
        const certificate = heldBy(group)
        const last = lastOf(group)
        const { at, held } = judge(group)
        const nextAt = Math.max(Date.parse(at), waits(group))
        return {
          names,
          hosts: group.hosts,
          directory,
          ...(certificate ? { certificate } : {}),
          nextAttempt: new Date(nextAt).toISOString(),
          ...(held ? { held } : {}),
          ...(last?.reason && last.outcome !== 'issued' ? { lastError: last.reason } : {}),
          failures: failuresOf(attempts, names),
          budget: budgetOf({ limits: factsOf(directory).limits, names, attempts, now: now() }),
        }
      }),
    /** Orders now for the certificate of this host, or for all; says of each what came of it. */
    async renew(host?: string): Promise<{ names: string[]; error?: string }[]> {
      const wanted = groups().filter(
        ({ hosts, source }) => !host || hosts.includes(host) || source.names.includes(host),
      )
      const results: { names: string[]; error?: string }[] = []
      for (const group of wanted) {
        const { names } = group.source
        const { order, held } = judge(group, true)
        if (order) await guarded(group)
        const last = lastOf(group)
        const error = order
          ? last?.outcome === 'issued'
            ? undefined
            : (last?.reason ?? 'It is under way.')
          : held
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

/** The folder of a version is called after the serial number. */
const serialOf = ({ certificateFile }: Certificate): string => basename(dirname(certificateFile))

/** The same for the same text, spread evenly between 0 and 1. */
const shareOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

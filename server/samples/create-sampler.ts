/** Looks at everything each ten seconds, keeps the newest in memory, and writes once a minute. */
import type { Reading } from '../docker/cgroup.ts'
import type { Container } from '../docker/container.ts'
import type { Visits } from './access-logs.ts'
import type { HostReading } from './host-reading.ts'
import { containerFigures, hostFigures, type At } from './measure.ts'
import type { SampleStore } from './sample-store.ts'
import { LEVELS, type SeriesKey } from './sample.ts'
import { slotAt } from './slots.ts'

export interface SamplerDeps {
  store: SampleStore
  now(): number
  /** Containers of the minions. */
  containers(): { container: Container; minion: string }[]
  readContainer(pid: number): Reading
  readHost(): HostReading
  visits(): Map<string, Visits>
  onError(error: unknown): void
}

/** What was seen last, for whoever counts by themselves. */
export interface Seen {
  host?: HostReading
  containers: { container: Container; minion: string; reading: Reading }[]
  /** Since the daemon started, by file stem of the host. */
  visits: ReadonlyMap<string, Visits>
}

const STEP_MS = LEVELS[0].step * 1000
const TRIM_MS = 60 * 60_000

export function createSampler(deps: SamplerDeps) {
  const { store, now } = deps
  const ids = new Map<string, number>()
  const readings = new Map<string, At<Reading>>()
  const totals = new Map<string, Visits>()
  let host: At<HostReading> | undefined
  let seen: Seen['containers'] = []
  /** Not written yet: series -> slot -> value. */
  let pending = new Map<number, Map<number, number>>()
  let writtenSlot = 0
  let trimmedAt = 0
  let looked: number | undefined
  let timer: NodeJS.Timeout | undefined

  /** Of one look. */
  let figures: { text: string; key: SeriesKey; value: number }[] = []
  const keep = (key: SeriesKey, value: number): void => {
    if (!Number.isNaN(value)) figures.push({ text: `${key.subject}\n${key.metric}\n${key.name}`, key, value })
  }

  function settle(slot: number): void {
    const fresh = figures.filter(({ text }) => !ids.has(text))
    if (fresh.length > 0)
      store.series(fresh.map(({ key }) => key)).forEach((id, index) => ids.set(fresh[index]?.text ?? '', id))
    for (const { text, value } of figures) {
      const id = ids.get(text) ?? 0
      const values = pending.get(id) ?? new Map<number, number>()
      if (values.size === 0) pending.set(id, values)
      values.set(slot, value)
    }
  }

  function lookAtContainers(): void {
    const sums = new Map<string, { key: SeriesKey; value: number }>()
    const alive = new Set<string>()
    seen = []
    for (const { container, minion } of deps.containers()) {
      const { id, pid, startedAt = '', networkMode } = container
      if (pid === undefined) continue
      const life = `${id} ${startedAt}`
      alive.add(life)
      const at = { ms: now(), value: deps.readContainer(pid) }
      const figures = containerFigures(readings.get(life), at, { hostNetwork: networkMode === 'host' })
      readings.set(life, at)
      seen.push({ container, minion, reading: at.value })
      for (const [metric, value] of Object.entries(figures)) {
        const key = { subject: `minion:${minion}`, name: container.service ?? container.name, metric }
        const text = `${key.subject} ${key.name} ${metric}`
        // several containers of one service are one series
        sums.set(text, { key, value: value + (sums.get(text)?.value ?? 0) })
      }
    }
    for (const life of readings.keys()) if (!alive.has(life)) readings.delete(life)
    for (const { key, value } of sums.values()) keep(key, value)
  }

  function lookAtHost(): void {
    const at = { ms: now(), value: deps.readHost() }
    for (const [metric, value] of Object.entries(hostFigures(host, at)))
      keep({ subject: 'host', name: '', metric }, value)
    for (const { path, used } of at.value.disks)
      keep({ subject: 'host', name: path, metric: 'disk_used' }, used)
    host = at
  }

  function lookAtVisits(seconds: number): void {
    for (const [stem, visits] of deps.visits()) {
      const total = totals.get(stem) ?? { requests: 0, errors: 0, seconds: 0 }
      totals.set(stem, {
        requests: total.requests + visits.requests,
        errors: total.errors + visits.errors,
        seconds: total.seconds + visits.seconds,
      })
      const subject = `vhost:${stem}`
      keep({ subject, name: '', metric: 'requests' }, visits.requests / seconds)
      keep({ subject, name: '', metric: 'errors' }, visits.errors / seconds)
      // of all requests of a second together: means of it stay exact over any span
      keep({ subject, name: '', metric: 'busy' }, visits.seconds / seconds)
    }
  }

  function write(): void {
    const points = pending
    pending = new Map()
    try {
      store.write(points)
      if (now() - trimmedAt > TRIM_MS) {
        store.trim(now())
        trimmedAt = now()
        // a series may be gone from there
        ids.clear()
      }
    } catch (error) {
      deps.onError(error)
    }
  }

  /** One look; also what the clock calls. */
  function look(): void {
    const at = now()
    const slot = slotAt(at, LEVELS[0].step)
    const seconds = looked === undefined ? LEVELS[0].step : Math.max(1, (at - looked) / 1000)
    looked = at
    figures = []
    for (const part of [lookAtContainers, lookAtHost, () => lookAtVisits(seconds), () => settle(slot)])
      try {
        part()
      } catch (error) {
        deps.onError(error)
      }
    if (slot % 6 === 5 || slot - writtenSlot >= 6) {
      writtenSlot = slot
      write()
    }
  }

  return {
    look,
    start(): void {
      const next = () => {
        timer = setTimeout(
          () => {
            look()
            next()
          },
          STEP_MS - (now() % STEP_MS),
        )
        timer.unref()
      }
      writtenSlot = slotAt(now(), LEVELS[0].step)
      look()
      next()
    },
    stop(): void {
      clearTimeout(timer)
      write()
    },
    /** What is not in the store yet. */
    pending: (series: number): ReadonlyMap<number, number> => pending.get(series) ?? new Map(),
    seen: (): Seen => ({ ...(host ? { host: host.value } : {}), containers: seen, visits: totals }),
  }
}
export type Sampler = ReturnType<typeof createSampler>

/** The room's one door: samples containers, host and visits, keeps and tells the figures. */
import { hostname } from 'node:os'
import type { Database } from 'better-sqlite3'
import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { readCgroup } from '../docker/cgroup.ts'
import { LABEL, type Container } from '../docker/container.ts'
import type { Minion } from '../minions/minion.ts'
import { createAccessLogs } from './access-logs.ts'
import { createSampler } from './create-sampler.ts'
import { fullAt } from './forecast.ts'
import { readHost } from './host-reading.ts'
import { prometheusText } from './prometheus.ts'
import { readSamples, type Wanted } from './read-samples.ts'
import { createSampleStore, type StoredSeries } from './sample-store.ts'
import { HOST_METRICS, LEVELS, MINION_METRICS, VISIT_METRICS, type Host } from './sample.ts'
import { samplesRoutes, type SamplesRoutesDeps } from './samples.routes.ts'
import { shown, slotAt } from './slots.ts'

export interface SamplingDeps {
  db: Database
  now(): Date
  /** Those of this box's minions. */
  containers(): Container[]
  minions(): Minion[]
  /** Throws `minion.unknown`. */
  find(name: string): unknown
  /** Hosts that a minion answers to, with the stem of their log files. */
  hostsOf(minion: string): { host: string; stem: string }[]
  /** Where nginx writes its access logs. */
  logs(): string
  /** Folders whose disks are watched. */
  folders(): string[]
  cpus: number
  version: string
  onError(error: unknown): void
}

const WEEK_H = 7 * 24
/** Of `docker compose run`. */
const ONE_OFF = 'com.docker.compose.oneoff'

export function createSampling(deps: SamplingDeps) {
  const store = createSampleStore(deps.db)
  const now = () => deps.now().getTime()
  const logs = createAccessLogs(deps.logs)
  const sampler = createSampler({
    store,
    now,
    containers: () =>
      deps
        .containers()
        // what runs once (a dump, a repair) would begin a series that nothing ever continues
        .filter(
          ({ labels, service }) =>
            service !== undefined && labels[LABEL.kind] !== 'task' && labels[ONE_OFF] !== 'True',
        )
        .map((container) => ({ container, minion: container.labels[LABEL.minion] ?? '' })),
    readContainer: readCgroup,
    readHost: () => readHost(deps.folders()),
    visits: logs.look,
    onError: deps.onError,
  })
  const read = (wanted: Wanted, lines: Parameters<typeof readSamples>[1]) =>
    readSamples(wanted, lines, { store, sampler, now })
  const plain = (subject: string, metric: string) =>
    store.find(subject, metric).map((series) => ({
      name: series.name,
      values: (values: (of: StoredSeries) => number[]) => values(series),
    }))

  const host = (): Host => {
    const reading = sampler.seen().host ?? readHost(deps.folders())
    const [busy] = store.find('host', 'cpu')
    const newest = busy && [...sampler.pending(busy.id).values()].at(-1)
    const cpu = newest === undefined ? null : shown(newest)
    return {
      name: hostname(),
      cpus: deps.cpus,
      uptime: reading.uptime,
      load: [...reading.load],
      ...(cpu === null ? {} : { cpu }),
      memory: reading.memory,
      swap: reading.swap,
      disks: reading.disks.map((disk) => {
        const full = fullAt(weekOf(disk.path), disk.free, now())
        return { ...disk, ...(full === undefined ? {} : { fullAt: new Date(full).toISOString() }) }
      }),
    }
  }
  const memory = () =>
    [...Map.groupBy(sampler.seen().containers, ({ minion }) => minion)].map(([minion, own]) => ({
      minion,
      memory: own.reduce((sum, { reading }) => sum + reading.memory, 0),
    }))
  const weekOf = (path: string): number[] => {
    const series = store.find('host', 'disk_used').find(({ name }) => name === path)
    const last = slotAt(now(), LEVELS[3].step)
    return series ? store.read(series.id, 3, last - WEEK_H + 1, last) : []
  }

  const ofHost: SamplesRoutesDeps['ofHost'] = (metric, range, points) =>
    read({ metric, unit: HOST_METRICS[metric], range, points }, plain('host', metric))

  const ofMinion: SamplesRoutesDeps['ofMinion'] = (name, metric, range, points) => {
    deps.find(name)
    const wanted = { metric, unit: MINION_METRICS[metric], range, points }
    if (!(metric in VISIT_METRICS)) return read(wanted, plain(`minion:${name}`, metric))
    return read(
      wanted,
      deps.hostsOf(name).flatMap(({ host, stem }) => {
        const subject = `vhost:${stem}`
        const [requests] = store.find(subject, 'requests')
        const [busy] = store.find(subject, 'busy')
        const [own] = store.find(subject, metric)
        if (metric !== 'response_time')
          return own ? [{ name: host, values: (values: (of: StoredSeries) => number[]) => values(own) }] : []
        if (!requests || !busy) return []
        const values = (of: (series: StoredSeries) => number[]) => {
          const counts = of(requests)
          // 0 by 0 is NaN: no request, no time
          return of(busy).map((seconds, index) => seconds / (counts[index] ?? 0))
        }
        return [{ name: host, values }]
      }),
    )
  }

  const metrics =
    ({ hide }: { hide: boolean }): FastifyPluginAsync =>
    async (app) => {
      app.get(
        '/metrics',
        {
          config: { role: 'viewer' },
          schema: {
            hide,
            summary: 'The newest figures as Prometheus reads them',
            tags: ['Samples'],
            operationId: 'getMetrics',
            response: {
              200: {
                description: 'Text format 0.0.4',
                content: { 'text/plain': { schema: Type.String() } },
              },
            },
          },
        },
        (_request, reply) =>
          reply
            .type('text/plain; version=0.0.4; charset=utf-8')
            .header('cache-control', 'no-store')
            .send(prometheusText({ ...sampler.seen(), minions: deps.minions(), version: deps.version })),
      )
    }

  return {
    /** Below the API's prefix. */
    routes: (async (app) => {
      await app.register(samplesRoutes({ host, memory, ofHost, ofMinion }))
      await app.register(metrics({ hide: false }))
    }) satisfies FastifyPluginAsync,
    /** The same at the root, where Prometheus looks by itself. */
    atRoot: metrics({ hide: true }),
    start: sampler.start,
    stop: sampler.stop,
    look: sampler.look,
  }
}
export type Sampling = ReturnType<typeof createSampling>

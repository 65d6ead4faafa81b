import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { NAME } from '../config/config.ts'
import {
  HOST_METRICS,
  HostSchema,
  MINION_METRICS,
  RANGES,
  SamplesSchema,
  type Host,
  type HostMetric,
  type MinionMetric,
  type Range,
  type Samples,
} from './sample.ts'

export interface SamplesRoutesDeps {
  host(): Host
  /** Bytes of memory by minion, as of the newest look. */
  memory(): { minion: string; memory: number }[]
  ofHost(metric: HostMetric, range: Range, points: number): Samples
  /** Throws `minion.unknown`. */
  ofMinion(name: string, metric: MinionMetric, range: Range, points: number): Samples
}

const tags = ['Samples']
const viewer = { role: 'viewer' } as const
const span = {
  range: Type.Enum(RANGES, {
    default: 'hour',
    description: 'hour: each 10 seconds; day: each minute; month: each 10 minutes; years: each hour.',
  }),
  points: Type.Integer({
    minimum: 10,
    maximum: 20_000,
    default: 720,
    description: 'Values at most; neighbours become their mean.',
  }),
}
const keysOf = <Key extends string>(metrics: Record<Key, unknown>) => Object.keys(metrics) as Key[]

export const samplesRoutes =
  ({ host, memory, ofHost, ofMinion }: SamplesRoutesDeps): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/host',
      {
        config: viewer,
        schema: {
          summary: 'Load, memory and disks of this server, and when a disk will be full',
          tags,
          operationId: 'getHost',
          response: { 200: HostSchema },
        },
      },
      () => host(),
    )

    app.get(
      '/usage',
      {
        config: viewer,
        schema: {
          summary: 'Memory that each minion uses now',
          tags,
          operationId: 'getUsage',
          response: {
            200: Type.Object({
              minions: Type.Array(Type.Object({ minion: Type.String(), memory: Type.Number() })),
            }),
          },
        },
      },
      () => ({ minions: memory() }),
    )

    app.get(
      '/host/samples',
      {
        config: viewer,
        schema: {
          summary: 'One figure of this server over time',
          description: '`cpu` is a percentage of all cores.',
          tags,
          operationId: 'readHostSamples',
          querystring: Type.Object({ metric: Type.Enum(keysOf(HOST_METRICS)), ...span }),
          response: { 200: SamplesSchema },
        },
      },
      ({ query }) => ofHost(query.metric, query.range, query.points),
    )

    app.get(
      '/minions/:name/samples',
      {
        config: viewer,
        schema: {
          summary: 'One figure of a minion over time',
          description:
            'By service; `cpu` is a percentage of one core. `requests`, `errors` (from 500 on) and `response_time` by host name.',
          tags,
          operationId: 'readMinionSamples',
          params: Type.Object({ name: Type.String({ pattern: NAME }) }),
          querystring: Type.Object({ metric: Type.Enum(keysOf(MINION_METRICS)), ...span }),
          response: { 200: SamplesSchema },
        },
      },
      ({ params, query }) => ofMinion(params.name, query.metric, query.range, query.points),
    )
  }

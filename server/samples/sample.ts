/** Figures over time: what is measured, how finely it is kept for how long, and what an answer looks like. */
import { Type, type Static } from 'typebox'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Seconds of one slot, and of all that is kept. Each level is the mean of the finer one. */
export const LEVELS = [
  { step: 10, span: HOUR },
  { step: MINUTE, span: DAY },
  { step: 10 * MINUTE, span: 30 * DAY },
  { step: HOUR, span: 730 * DAY },
] as const
export const RANGES = ['hour', 'day', 'month', 'years'] as const
export type Range = (typeof RANGES)[number]

export const UNITS = ['percent', 'bytes', 'bytes/s', 'requests/s', 'seconds', 'count'] as const
type Unit = (typeof UNITS)[number]

/** `percent` of a minion is of one core, of the host of all its cores. */
export const HOST_METRICS = {
  cpu: 'percent',
  load: 'count',
  memory: 'bytes',
  network_in: 'bytes/s',
  network_out: 'bytes/s',
  disk_read: 'bytes/s',
  disk_write: 'bytes/s',
  disk_used: 'bytes',
} as const satisfies Record<string, Unit>
export type HostMetric = keyof typeof HOST_METRICS

/** By service of the minion. */
export const CONTAINER_METRICS = {
  cpu: 'percent',
  memory: 'bytes',
  network_in: 'bytes/s',
  network_out: 'bytes/s',
  disk_read: 'bytes/s',
  disk_write: 'bytes/s',
  pids: 'count',
} as const satisfies Record<string, Unit>
export type ContainerMetric = keyof typeof CONTAINER_METRICS

/** By host name; `errors` are answers from 500 on. */
export const VISIT_METRICS = {
  requests: 'requests/s',
  errors: 'requests/s',
  response_time: 'seconds',
} as const satisfies Record<string, Unit>
export type VisitMetric = keyof typeof VISIT_METRICS

export const MINION_METRICS = { ...CONTAINER_METRICS, ...VISIT_METRICS } as const
export type MinionMetric = keyof typeof MINION_METRICS

export const SamplesSchema = Type.Object({
  metric: Type.String(),
  unit: Type.Enum(UNITS),
  range: Type.Enum(RANGES),
  /** Of the first value. */
  from: Type.String(),
  /** Seconds between two values. */
  step: Type.Integer(),
  series: Type.Array(
    Type.Object({
      name: Type.String({ description: 'A service or host name; empty for the host itself.' }),
      values: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
        description: 'Oldest first; null where nothing was measured.',
      }),
    }),
  ),
})
export type Samples = Static<typeof SamplesSchema>

export const HostSchema = Type.Object({
  name: Type.String(),
  cpus: Type.Integer(),
  /** Seconds since the host started. */
  uptime: Type.Integer(),
  /** Over 1, 5 and 15 minutes. */
  load: Type.Array(Type.Number()),
  /** Percent of all cores over the last ten seconds. */
  cpu: Type.Optional(Type.Number()),
  memory: Type.Object({ total: Type.Number(), used: Type.Number(), available: Type.Number() }),
  swap: Type.Object({ total: Type.Number(), used: Type.Number() }),
  disks: Type.Array(
    Type.Object({
      path: Type.String(),
      total: Type.Number(),
      used: Type.Number(),
      free: Type.Number(),
      /** When it will be full if it goes on as in the last week; absent when it does not grow or too little is known. */
      fullAt: Type.Optional(Type.String()),
    }),
  ),
})
export type Host = Static<typeof HostSchema>

export interface SeriesKey {
  subject: string
  name: string
  metric: string
}

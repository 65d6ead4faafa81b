/** A minion as the API shows it: desired and observed, joined by `statusOf`. */
import { Type, type Static } from 'typebox'

export const MINION_STATUS = [
  'running',
  'starting',
  'degraded',
  'failed',
  'stopped',
  'updating',
  'absent',
] as const
export type MinionStatus = (typeof MINION_STATUS)[number]

export const ContainerViewSchema = Type.Object({
  name: Type.String(),
  service: Type.String(),
  image: Type.String(),
  state: Type.String(),
  health: Type.String(),
  restarts: Type.Integer(),
  since: Type.Optional(Type.String()),
})

export const MinionSchema = Type.Object({
  name: Type.String(),
  template: Type.String(),
  version: Type.Optional(Type.String()),
  status: Type.Enum(MINION_STATUS),
  /** One sentence of truth: why it is not running, or nothing. */
  reason: Type.Optional(Type.String()),
  desired: Type.Union([Type.Literal('running'), Type.Literal('stopped'), Type.Literal('absent')]),
  url: Type.Optional(Type.String()),
  images: Type.Optional(Type.String()),
  /** Where its database lies, when that is a shared server. */
  database: Type.Optional(Type.Object({ server: Type.String(), name: Type.String() })),
  /** Observed differs from what was rendered: changed by hand. */
  drift: Type.Array(Type.String()),
  /** config.yml or the template asks for something that was not applied yet. */
  pending: Type.Boolean(),
  containers: Type.Array(ContainerViewSchema),
  job: Type.Optional(Type.String()),
})
export type Minion = Static<typeof MinionSchema>

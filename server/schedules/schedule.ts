/** A schedule: something that rooms want done at minutes of the wall clock. */
import { Type, type Static } from 'typebox'
import type { Wall } from './cron.ts'

export interface Schedule {
  /** `cold:cloud`: unique, and the same after a restart. */
  key: string
  /** What people read: "cold backup of cloud". */
  title: string
  /** Five fields, or `off`. */
  cron: string
  minion?: string
  /** Upkeep of the box, which no quiet hour holds back. */
  always?: boolean
  /** Carries it out or submits a job for it; once a slot, also after a crash. */
  run(): void | Promise<void>
  /** It runs now, but the clock passed its minute while the daemon was down. */
  missed?(slot: Wall): void
}

/** When schedules may begin. */
export interface Hours {
  zone: string
  /** `08:00-18:00`: nothing begins then. */
  quiet: readonly string[]
  /** Where there are some, work begins only inside them. */
  windows: readonly string[]
  /** Minutes by which starts are spread. */
  jitter: number
}

export const ScheduleSchema = Type.Object({
  key: Type.String(),
  title: Type.String(),
  cron: Type.String(),
  minion: Type.Optional(Type.String()),
  /** The minute it was carried out for last. */
  last: Type.Optional(Type.String()),
  ranAt: Type.Optional(Type.String()),
  /** The next minute of the wall clock, as an instant. */
  next: Type.Optional(Type.String()),
  /** Due, and waiting for its window. */
  waiting: Type.Boolean(),
})
export type ScheduleView = Static<typeof ScheduleSchema>

/** Carries out what is due. node-cron only wakes it, once a minute; what is due is decided by the wall clock and the store. */
import { createHash } from 'node:crypto'
import { createTask } from 'node-cron'
import type { Database } from 'better-sqlite3'
import { SummonerError } from '../errors.ts'
import { parseCron, type Cron, type Wall } from './cron.ts'
import { dueSlot, isAllowed, nextSlot, parseWindow, trustedLast } from './is-due.ts'
import type { Hours, Schedule, ScheduleView } from './schedule.ts'
import { schedulesRoutes } from './schedules.routes.ts'
import { createSlotStore } from './slot-store.ts'
import { instantOf, wallOf } from './wall-clock.ts'

/** A daemon that was busy or restarted is late; one that was away longer has missed it. */
const LATE_MS = 15 * 60_000

export interface SchedulesDeps {
  db: Database
  now(): Date
  hours(): Hours
  schedules(): Schedule[]
  onError(error: unknown): void
}

export type Schedules = ReturnType<typeof createSchedules>

export function createSchedules({ db, now, hours, schedules, onError }: SchedulesDeps) {
  const store = createSlotStore(db)

  /** The slot that is due; a schedule that is new or was changed begins with now. */
  const dueOf = (schedule: Schedule, cron: Cron, wall: Wall): Wall | undefined => {
    const known = store.get(schedule.key)
    if (known?.cron !== schedule.cron) {
      store.set(schedule.key, { cron: schedule.cron, slot: wall })
      return undefined
    }
    return dueSlot(cron, trustedLast(known.slot, wall), wall)
  }

  const carryOut = (schedule: Schedule, slot: Wall, at: Date): void => {
    let running: void | Promise<void> = undefined
    store.together(() => {
      store.set(schedule.key, { cron: schedule.cron, slot, ranAt: at.toISOString() })
      running = schedule.run()
    })
    void Promise.resolve(running).catch(onError)
  }

  const look = (schedule: Schedule, at: Date, { zone, quiet, windows, jitter }: Hours): void => {
    const cron = cronOf(schedule)
    if (!cron) return
    const wall = wallOf(at, zone)
    const slot = dueOf(schedule, cron, wall)
    if (slot === undefined) return
    const due = instantOf(slot, zone).getTime() + (schedule.always ? 0 : delayOf(schedule.key, slot, jitter))
    if (at.getTime() < due) return
    const may = isAllowed(wall, { quiet: quiet.map(parseWindow), windows: windows.map(parseWindow) })
    if (!may && !schedule.always) return
    const held = !isAllowed(slot, { quiet: quiet.map(parseWindow), windows: windows.map(parseWindow) })
    if (!held && at.getTime() - due > LATE_MS) schedule.missed?.(slot)
    carryOut(schedule, slot, at)
  }

  const tick = (): void => {
    let all: Schedule[]
    let when: Hours
    try {
      all = schedules()
      when = hours()
    } catch (error) {
      return onError(error)
    }
    for (const schedule of all)
      try {
        look(schedule, now(), when)
      } catch (error) {
        onError(error)
      }
  }

  const list = (): ScheduleView[] => {
    const { zone } = hours()
    const wall = wallOf(now(), zone)
    return schedules().map((schedule) => {
      const { key, title, cron: text, minion } = schedule
      const known = store.get(key)
      const cron = cronOf(schedule)
      const next = cron && nextSlot(cron, wall)
      return {
        key,
        title,
        cron: text,
        ...(minion ? { minion } : {}),
        ...(known?.ranAt ? { last: known.slot, ranAt: known.ranAt } : {}),
        ...(next ? { next: instantOf(next, zone).toISOString() } : {}),
        waiting:
          cron !== undefined &&
          known?.cron === text &&
          dueSlot(cron, trustedLast(known.slot, wall), wall) !== undefined,
      }
    })
  }

  const task = createTask('* * * * *', tick)
  return {
    routes: schedulesRoutes({ list }),
    list,
    tick,
    /** What was missed while the daemon was down runs at once. */
    start(): void {
      tick()
      void task.start()
    },
    stop(): void {
      void task.stop()
    },
  }
}

/** Undefined for `off`, and for what a hand edit broke: config.yml says where. */
function cronOf({ cron }: Schedule): Cron | undefined {
  if (cron === 'off') return undefined
  try {
    return parseCron(cron)
  } catch (error) {
    if (error instanceof SummonerError) return undefined
    throw error
  }
}

/** The same for the same slot, so that a restart changes nothing. */
function delayOf(key: string, slot: Wall, minutes: number): number {
  if (minutes <= 0) return 0
  const part = createHash('sha256').update(`${key} ${slot}`).digest().readUInt32BE(0) / 2 ** 32
  return Math.floor(part * minutes * 60_000)
}

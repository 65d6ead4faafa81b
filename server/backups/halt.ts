/**
 * A minion at rest while it is copied. What must run again is journalled before it is stopped, and it runs again however
 * this ends: the copy fails, the job is cancelled, the daemon is told to stop, or it is killed.
 */
import { join } from 'node:path'
import * as compose from '../docker/compose.ts'
import type { JournalEntry, StepContext } from '../jobs/job.ts'
import { readApplied } from '../minions/applied.ts'
import type { MinionDeps } from '../minions/deps.ts'
import { runCommand } from '../minions/run-command.ts'
import type { TemplateCommand } from '../templates/template.ts'

type HaltDeps = Pick<
  MinionDeps,
  'dirs' | 'exec' | 'engine' | 'projection' | 'refreshMinion' | 'readKept' | 'catalog'
>

/** The kind of its journal entries. */
const RESUME = 'resume'
const keyOf = (minion: string) => `${RESUME}:${minion}`

export interface Rest {
  minion: string
  project: string
  /** Services that ran; nothing else is started. */
  services: string[]
  /** Whether commands before the copy ran, which others must take back. */
  quieted: boolean
}

export interface HaltRequest {
  minion: string
  /** Stop the containers; else only the template's own commands quiet it. */
  stop: boolean
}

export type Halt = ReturnType<typeof createHalt>

export function createHalt(deps: HaltDeps) {
  const resting = new Map<string, Promise<void>>()
  const closing = new AbortController()

  const commandsOf = (minion: string): { before: TemplateCommand[]; after: TemplateCommand[] } => {
    const name = readApplied(deps.dirs.records, minion)?.application.template
    const known = deps.catalog.list().find((template) => template.name === name)
    const { before = [], after = [] } = known?.description.backup ?? {}
    return { before, after }
  }

  const run = async (minion: string, commands: TemplateCommand[]): Promise<void> => {
    const variables = deps.readKept(join(deps.dirs.minions, minion))
    for (const command of commands) await runCommand({ minion, command, variables }, deps)
  }

  const resume = async ({ minion, project, services, quieted }: Rest, stopped: boolean): Promise<void> => {
    const place = { project, dir: join(deps.dirs.minions, minion) }
    if (stopped && services.length > 0) {
      try {
        await deps.exec(compose.start(place, services), { timeoutMs: 900_000 })
      } catch {
        // a container is gone, or one that the others wait for: made again from the same files
        await deps.exec(compose.up(place, { services }), { timeoutMs: 900_000 })
      }
      await deps.refreshMinion(minion)
    }
    if (quieted) await run(minion, commandsOf(minion).after)
  }

  const restOf = (minion: string): Rest => {
    const running = deps.projection.ours(minion).filter(({ state }) => state === 'running')
    const services = [...new Set(running.flatMap(({ service }) => service ?? []))]
    return {
      minion,
      project: readApplied(deps.dirs.records, minion)?.project ?? minion,
      services,
      quieted: commandsOf(minion).before.length > 0 && services.length > 0,
    }
  }

  const halt = async (rest: Rest, stop: boolean, context: StepContext): Promise<void> => {
    const { minion, project, services, quieted } = rest
    context.journal({ key: keyOf(minion), kind: RESUME, minion, data: { ...rest, stopped: stop } })
    if (quieted) await run(minion, commandsOf(minion).before)
    if (!stop) return
    context.log(`Stopping ${services.join(', ')}`)
    const place = { project, dir: join(deps.dirs.minions, minion) }
    await deps.exec(compose.stop(place), { timeoutMs: 900_000 })
    // whoever looks next must not take it for running until the engine's event is here
    await deps.refreshMinion(minion)
  }

  return {
    /** Aborted when the daemon is told to stop. */
    closing: closing.signal,

    /** Resolves with what `work` gave and the milliseconds for which the minion did not run. */
    async during<T>(
      { minion, stop }: HaltRequest,
      context: StepContext,
      work: () => Promise<T>,
    ): Promise<{ result: T; downtimeMs: number }> {
      const rest = restOf(minion)
      if (rest.services.length === 0 || (!stop && !rest.quieted))
        return { result: await work(), downtimeMs: 0 }
      const done = Promise.withResolvers<void>()
      resting.set(minion, done.promise)
      const since = performance.now()
      try {
        let result: T
        let downtimeMs: number
        try {
          await halt(rest, stop, context)
          result = await work()
        } finally {
          await resume(rest, stop)
          downtimeMs = stop ? Math.round(performance.now() - since) : 0
        }
        context.settle(keyOf(minion))
        return { result, downtimeMs }
      } finally {
        resting.delete(minion)
        done.resolve()
      }
    },

    /** For a change that goes on in later steps; whoever calls it resumes, or the journal does. */
    async stop(minion: string, context: StepContext): Promise<Rest> {
      const rest = restOf(minion)
      if (rest.services.length > 0) await halt(rest, true, context)
      return rest
    },

    resume: (rest: Rest): Promise<void> => resume(rest, true),
    settle: (minion: string, context: StepContext): void => context.settle(keyOf(minion)),

    /** Takes back what quieted the application that a copy was made of, once it runs again. */
    async unquiet(minion: string): Promise<void> {
      const { before, after } = commandsOf(minion)
      if (before.length > 0) await run(minion, after)
    },

    /** For the journal at boot; false when the entry is another room's. */
    async replay(entry: JournalEntry): Promise<boolean> {
      if (entry.kind !== RESUME) return false
      const { stopped, ...rest } = entry.data as Rest & { stopped: boolean }
      await resume(rest, stopped)
      return true
    },

    /** The daemon goes away: whatever rests runs again before this resolves. */
    async close(): Promise<void> {
      closing.abort()
      await Promise.allSettled(resting.values())
    },
  }
}

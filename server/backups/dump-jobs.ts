/** The two jobs of dumps: take them, put one back. */
import { SummonerError } from '../errors.ts'
import type { JobKind, StepContext } from '../jobs/job.ts'
import { awaitWorking } from '../minions/await-working.ts'
import type { MinionDeps } from '../minions/deps.ts'
import type { TakenDump } from './dump.ts'
import { dumperOf } from './dumpers/dumpers.ts'
import { readLabel } from './dump-file.ts'
import type { Dumps } from './dumps.ts'
import { targetFor } from './restore-dump.ts'
import { targetsOf, type TargetDeps } from './target.ts'

export interface DumpInput {
  minion: string
}

export function dumpKind(dumps: Dumps, { events }: Pick<MinionDeps, 'events'>): JobKind<DumpInput> {
  const taken = new Map<string, TakenDump[]>()
  return {
    kind: 'dump',
    afterCrash: 'requeue',
    steps: ({ minion }) => [
      {
        name: 'dump',
        async run(context) {
          if (dumps.declared(minion) === 0)
            throw new SummonerError('dump.none', `The template of ${minion} declares no database.`)
          try {
            const made = await dumps.take(minion, context)
            taken.set(minion, made)
            for (const { file, bytes, content } of made)
              context.log(`${file}: ${bytes} bytes, ${content} unpacked`)
            const files = made.map(({ file, bytes, sha256 }) => ({ file, bytes, sha256 }))
            const title = `${minion} was dumped`
            events.append({ type: 'dump.succeeded', minion, title, data: { files, job: context.jobId } })
          } catch (error) {
            if (!context.signal.aborted)
              events.append({
                type: 'dump.failed',
                minion,
                severity: 'error',
                title: `The dump of ${minion} failed: ${error instanceof Error ? error.message : String(error)}`,
                data: { job: context.jobId },
              })
            throw error
          }
        },
      },
    ],
    result: ({ minion }) => {
      const files = taken.get(minion)?.map(({ file, bytes, content, sha256 }) => ({
        file,
        bytes,
        content,
        sha256,
      }))
      taken.delete(minion)
      return { files: files ?? [] }
    },
  }
}

export interface RestoreDumpInput {
  minion: string
  file: string
}

/**
 * What the database holds is dumped first; when the restore fails or is cancelled, that goes back. A crash in between
 * begins again and finds the dump of the first try by the job's id.
 */
export function restoreDumpKind(
  dumps: Dumps,
  targets: TargetDeps,
  deps: MinionDeps,
): JobKind<RestoreDumpInput> {
  return {
    kind: 'restore-dump',
    afterCrash: 'requeue',
    steps: ({ minion, file }) => {
      const stopped = new Set<string>()
      const startAgain = async (context: StepContext) => {
        for (const id of stopped) await deps.engine.start(id)
        stopped.clear()
        await deps.refreshMinion(minion)
        context.settle(`start:${minion}`)
      }
      const safety = async (jobId: string) => {
        const { dumps: all } = await dumps.list(minion)
        return all.find(({ job }) => job === jobId)
      }
      return [
        {
          name: 'check',
          async run(context) {
            const record = await dumps.check(await dumps.path(minion, file), context)
            const target = targetFor(record, targetsOf(minion, targets), minion)
            context.log(`${file} is whole and belongs to ${target.service}.`)
          },
        },
        {
          name: 'dump what is there',
          async run(context) {
            const found = await safety(context.jobId)
            if (found) return context.log(`${found.file} was taken before.`)
            const made = await dumps.take(minion, context)
            for (const dump of made) context.log(`Kept what is there as ${dump.file}`)
          },
        },
        {
          name: 'applications',
          uncancellable: true,
          async run(context) {
            const record = await readLabel(await dumps.path(minion, file))
            const target = targetFor(record, targetsOf(minion, targets), minion)
            const itself = dumperOf(target.engine).servedByItself === true
            const others = deps.projection
              .ours(minion)
              .filter(
                ({ state, service }) =>
                  state === 'running' && (itself || !isDatabase(service, targets, minion)),
              )
            const containers = others.map(({ id }) => id)
            context.journal({ key: `start:${minion}`, kind: 'start', minion, data: { containers } })
            for (const id of containers) {
              stopped.add(id)
              await deps.engine.stop(id)
            }
          },
          undo: startAgain,
        },
        {
          name: 'restore',
          uncancellable: true,
          async run(context) {
            await dumps.restore(minion, await dumps.path(minion, file), context)
          },
          async undo(context) {
            const record = await readLabel(await dumps.path(minion, file))
            const { dumps: all } = await dumps.list(minion)
            const before = all.find(
              ({ job, service, database }) =>
                job === context.jobId && service === record.service && database === record.database,
            )
            if (!before) return
            context.log(`Putting ${before.file} back`)
            await dumps.restore(minion, await dumps.path(minion, before.file), context)
          },
        },
        {
          name: 'start',
          uncancellable: true,
          async run(context) {
            await startAgain(context)
          },
        },
        {
          name: 'healthy',
          async run(context) {
            await awaitWorking(minion, deps, context)
            const title = `${file} was restored into ${minion}`
            deps.events.append({
              type: 'restore.succeeded',
              minion,
              title,
              data: { file, job: context.jobId },
            })
          },
        },
      ]
    },
  }
}

function isDatabase(service: string | undefined, targets: TargetDeps, minion: string): boolean {
  return (targets.describe(minion).description.dumps ?? []).some((dump) => dump.service === service)
}

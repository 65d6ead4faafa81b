/** The dumps of this box, put together. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createOneShots } from '../docker/one-shot.ts'
import type { StreamExec } from '../docker/container.ts'
import type { JobKind } from '../jobs/job.ts'
import { readApplied } from '../minions/applied.ts'
import { SummonerError } from '../errors.ts'
import type { MinionDeps } from '../minions/deps.ts'
import { dumpKind, restoreDumpKind } from './dump-jobs.ts'
import { dumpsRoutes } from './dumps.routes.ts'
import type { Dumps } from './dumps.ts'
import { fileName, type TakenDump } from './dump.ts'
import { dumperOf } from './dumpers/dumpers.ts'
import { dumpPath, listDumps, sweepDumps } from './list-dumps.ts'
import { readLabel } from './dump-file.ts'
import { checkDump, restoreDump, targetFor } from './restore-dump.ts'
import { holdsDump } from './holds-dump.ts'
import { takeDump, type TakeDeps } from './take-dump.ts'
import { targetsOf, type TargetDeps } from './target.ts'

export interface DumpsDeps extends MinionDeps {
  streams: StreamExec
  newId(): string
  redact(text: string): string
}

export function createDumps(deps: DumpsDeps) {
  const { dirs, engine, box } = deps
  const workDir = join(dirs.run, 'dumps')
  const oneShots = createOneShots({
    exec: deps.exec,
    streams: deps.streams,
    engine,
    boxId: box.id,
    pipesDir: workDir,
  })
  const session: TakeDeps = {
    engine,
    oneShots,
    workDir,
    newId: deps.newId,
    redact: deps.redact,
    now: deps.now,
  }
  const describe: TargetDeps['describe'] = (minion) => {
    const applied = readApplied(dirs.records, minion)
    if (!applied)
      throw new SummonerError('minion.unknown', `${minion} was never summoned, so it has no database.`)
    const { description } = deps.catalog.get(applied.application.template)
    const { images, database } = applied
    return { description, images, ...(database ? { database } : {}) }
  }
  const targets: TargetDeps = {
    describe,
    containers: (minion) => deps.projection.ours(minion),
    readKept: deps.readKept,
    minionsDir: dirs.minions,
    folders: (minion) => {
      const { vsroot, dbsroot } = deps.config.read().config
      return [join(vsroot, minion), join(dbsroot, minion)]
    },
  }

  const dumps: Dumps = {
    declared: (minion) => describe(minion).description.dumps?.length ?? 0,

    async take(minion, context, { portable = false } = {}) {
      const { database: place } = describe(minion)
      // it may be away for an update or a copy of its own
      if (place) await deps.databases.awaitServer(place, context)
      const all = targetsOf(minion, targets)
      const { dumps: before } = await listDumps(dirs.dumps, minion)
      const at = deps.now()
      const taken: TakenDump[] = []
      try {
        for (const target of all) {
          const part = all.length > 1 ? partOf(target, all) : undefined
          const { extension } = dumperOf(target.engine)
          const file = join(dirs.dumps, minion, fileName(minion, at, extension, part))
          const same = before.find(
            ({ service, database }) => service === target.service && database === target.database,
          )
          // the accounts and the other databases of a shared server are not this minion's to save
          const alone = portable || target.shared === true
          taken.push(await takeDump({ target, file, before: same, portable: alone }, context, session))
        }
      } catch (error) {
        for (const { path } of taken) await rm(path, { force: true })
        throw error
      }
      return taken
    },

    list: (minion) => listDumps(dirs.dumps, minion),
    path: (minion, file) => dumpPath(dirs.dumps, minion, file),
    check: checkDump,

    async restore(minion, path, context, { from = minion } = {}) {
      const record = await checkDump(path, context)
      const target = targetFor(record, targetsOf(minion, targets), from)
      await restoreDump(path, record, target, context, session)
      return record
    },

    async takeOne(target, context) {
      const { extension } = dumperOf(target.engine)
      const file = join(dirs.dumps, target.minion, fileName(target.minion, deps.now(), extension))
      return takeDump({ target, file, before: undefined, portable: true }, context, session)
    },

    async load(path, target, context) {
      const record = await checkDump(path, context)
      await restoreDump(path, record, target, context, session)
    },

    holds: (path, target, context) => holdsDump(path, target, context, session),

    async byHand(minion, path) {
      const record = await readLabel(path)
      const target = targetFor(record, targetsOf(minion, targets), record.minion)
      return dumperOf(target.engine).byHand(target, path)
    },

    async remove(minion, file) {
      await rm(await dumpPath(dirs.dumps, minion, file))
    },

    async sweep() {
      await rm(workDir, { recursive: true, force: true })
      await mkdir(workDir, { recursive: true, mode: 0o700 })
      await sweepDumps(dirs.dumps)
      await oneShots.sweep()
    },
  }
  const kinds = [dumpKind(dumps, deps), restoreDumpKind(dumps, targets, deps)] as JobKind[]
  return { ...dumps, kinds, routes: dumpsRoutes({ ...deps, dumps }) }
}

const partOf = (
  target: { service: string; database: string },
  all: readonly { service: string }[],
): string =>
  all.filter(({ service }) => service === target.service).length > 1
    ? `${target.service}-${target.database.split('/').at(-1) ?? ''}`
    : target.service

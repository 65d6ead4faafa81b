/**
 * The data of a minion follows its `database:` wish, as part of its summon: the applications stop, the old side is dumped,
 * the new side is filled from that dump and must give the same dump again, then the minion runs with it. The old side is
 * not written to and goes only after the minion works; whatever is cut short before is thrown away and begun again.
 */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtEngine, targetOn } from '../backups/target.ts'
import type { Dumps } from '../backups/dumps.ts'
import type { Target } from '../backups/dumpers/dumper.ts'
import * as compose from '../docker/compose.ts'
import type { Container } from '../docker/container.ts'
import { asSummonerError, SummonerError } from '../errors.ts'
import type { StepContext } from '../jobs/job.ts'
import { endChange, readApplied, readInFlight, writeApplied } from '../minions/applied.ts'
import type { MinionDeps } from '../minions/deps.ts'
import type { DatabaseMove } from '../minions/database-move.ts'
import { serverSpec, sharingOf, type SharedDatabase } from '../templates/shared-database.ts'
import type { Template } from '../templates/template.ts'
import { interpolate } from '../templates/variables.ts'
import {
  endMove,
  readMove,
  sideText,
  writeMove,
  type MoveRecord,
  type Shared,
  type Side,
} from './move-record.ts'

const START_WITHIN_S = 180

export interface MoveDeps extends MinionDeps {
  dumps: Dumps
}

export function createMove(deps: MoveDeps): DatabaseMove {
  const { dirs, databases, dumps, engine } = deps
  const dirOf = (minion: string) => join(dirs.minions, minion)
  const projectOf = (minion: string) =>
    readApplied(dirs.records, minion)?.project ?? `${deps.box.projectPrefix}${minion}`
  const startKey = (minion: string) => `start:${minion}`

  /** Where the data lies now, by what the minion was last summoned with; undefined where there is none. */
  const present = async (minion: string, template: Template, images: 'registry' | 'distro') => {
    const kept = deps.readKept(dirOf(minion))
    const { DATABASE_SERVER: server, DATABASE_NAME: database } = kept
    if (server && database) return { kind: 'shared', server, database } satisfies Side
    const { service } = sharingOf(template, images)
    const folder = folderOf(minion, template, service)
    const there = (await readdir(folder).catch(() => [])).length > 0
    return there ? ({ kind: 'dedicated', service, folder } satisfies Side) : undefined
  }

  const folderOf = (minion: string, { description }: Template, service: string): string => {
    const { vsroot, dbsroot } = deps.config.read().config
    const path = description.data?.find((data) => data.service === service && data.kind === 'database')?.path
    const env = { MINION: minion, VOLUME_STORAGE_ROOT: vsroot, DATABASE_STORAGE_ROOT: dbsroot }
    const folder = normalize(interpolate(path ?? '', env))
    if (![vsroot, dbsroot].some((root) => folder.startsWith(`${join(root, minion)}/`)))
      throw new SummonerError(
        'database.unshared',
        `The folder of "${service}" is not one of the minion's own.`,
      )
    return folder
  }

  const containerOf = async (minion: string, service: string): Promise<Container | undefined> => {
    await deps.refreshMinion(minion)
    return deps.projection.ours(minion).find((container) => container.service === service)
  }

  /** The database of its own, without the applications. */
  const startDedicated = async (
    minion: string,
    service: string,
    context: StepContext,
  ): Promise<Container> => {
    const project = { project: projectOf(minion), dir: dirOf(minion) }
    await deps.exec(compose.up(project, { services: [service] }), {
      onLine: context.log,
      timeoutMs: 900_000,
    })
    for (const deadline = Date.now() + START_WITHIN_S * 1000; ;) {
      const container = await containerOf(minion, service)
      if (container?.state === 'running' && ['healthy', 'none'].includes(container.health)) return container
      if (Date.now() > deadline)
        throw new SummonerError('minion.unhealthy', `${service} of ${minion} did not become healthy.`)
      await sleep(500, undefined, { signal: context.signal })
    }
  }

  const targetOf = async (
    minion: string,
    side: Side,
    template: Template,
    images: 'registry' | 'distro',
    context: StepContext,
  ): Promise<Target> => {
    const { service, engine: shared } = sharingOf(template, images)
    const declared = template.description.dumps?.find((dump) => dump.service === service)
    if (!declared) throw new SummonerError('internal', `${minion} lost its database while it moved.`)
    const kept = deps.readKept(dirOf(minion))
    const common = { minion, declared, kept, dir: dirOf(minion) }
    if (side.kind === 'dedicated') {
      const container = await startDedicated(minion, service, context)
      return targetOn({ ...common, engine: builtEngine(declared, template.description, images), container })
    }
    const [container] = deps.projection.ours(side.server)
    if (!container) throw new SummonerError('database.server', `${side.server} does not run.`)
    return targetOn({ ...common, engine: shared, container }, [], serverSpec(side.server))
  }

  const stopApplications = async (minion: string, keep: string | undefined): Promise<void> => {
    await deps.refreshMinion(minion)
    for (const { id, service, state } of deps.projection.ours(minion))
      if (service !== keep && state !== 'exited' && state !== 'created') await engine.stop(id)
    await deps.refreshMinion(minion)
  }

  /** Everything as it was before the move; what was begun of the new side goes. */
  const back = async (record: MoveRecord, context: StepContext): Promise<void> => {
    const { minion, to } = record
    const inFlight = readInFlight(dirs.records, minion)
    if (to.kind === 'dedicated') {
      // its files are open as long as it runs
      const container = await containerOf(minion, to.service)
      if (container) await engine.remove(container.id)
      await rm(to.folder, { recursive: true, force: true })
    }
    await deps.restorePrevious(dirOf(minion))
    if (inFlight?.before) writeApplied(dirs.records, minion, inFlight.before)
    if (to.kind === 'shared')
      await databases
        .drop(minion, to.server)
        .catch((error: unknown) =>
          context.log(`${to.server} keeps a database to be removed: ${String(error)}`),
        )
  }

  /** The side that is the truth no longer. */
  const removeOld = async ({ minion, from, to }: MoveRecord, context: StepContext): Promise<void> => {
    if (from.kind === 'dedicated') await rm(from.folder, { recursive: true, force: true })
    else {
      await databases.awaitServer(serverSpec(from.server), context)
      const keep = to.kind === 'shared' && to.server === from.server ? to.database : undefined
      await databases.drop(minion, from.server, keep)
    }
    context.settle(startKey(minion))
    endMove(dirs.records, minion)
    if (from.kind === 'dedicated') await removeIfEmpty(dirname(from.folder))
    else databases.release(from.server)
    context.log(`The database lies on ${sideText(to)} now.`)
  }

  /** The data is where it should be in any case; the next summon tries again. */
  const leftOf = async (record: MoveRecord, context: StepContext): Promise<SummonerError | undefined> => {
    try {
      await removeOld(record, context)
      return undefined
    } catch (error) {
      const known = asSummonerError(error)
      context.log(`The old copy of the database stays for now: ${known.message}`)
      return known
    }
  }

  return {
    moving: (minion) => readMove(dirs.records, minion)?.state === 'moving',

    async begin(minion, context) {
      const dir = dirOf(minion)
      const found = readMove(dirs.records, minion)
      let left: SummonerError | undefined
      if (found?.state === 'accepted') {
        // a crash lay between the change of truth and its last traces: they go before config.yml may ask for the old side again
        endChange(dirs.records, minion)
        await deps.acceptInstance(dir)
        left = await leftOf(found, context)
      } else if (found) {
        context.log('An earlier move was cut short: it begins again from the old side.')
        await stopApplications(minion, undefined)
        await back(found, context)
        endMove(dirs.records, minion)
      }
      const { config } = deps.config.read()
      const application = deps.wishes.application(minion, config)
      const instance = deps.readInstance(dir)
      if (!application || !instance) return
      const { template, rendered } = deps.wishes.renderOne(application, config)
      if (application.database !== 'shared' && !deps.readKept(dir)['DATABASE_SERVER']) return
      const from = await present(minion, template, instance.images)
      const to = wantedSide(minion, template, instance.images, rendered.database)
      if (!from || sameSide(from, to)) return
      if (left) throw left

      if (to.kind === 'dedicated' && (await readdir(to.folder).catch(() => [])).length > 0)
        throw new SummonerError('database.occupied', `${to.folder} is not empty.`)
      context.log(`The database moves from ${sideText(from)} to ${sideText(to)}.`)
      if (from.kind === 'shared') {
        await databases.awaitServer(serverSpec(from.server), context)
        // a first summon that failed may have named a database that it never made
        const worked = readApplied(dirs.records, minion)?.ready ?? false
        if (!worked && !(await databases.has(from.server, from.database))) return
      }
      context.journal({ key: startKey(minion), kind: 'start', minion })
      writeMove(dirs.records, { minion, from, to, state: 'moving' })
      await stopApplications(minion, from.kind === 'dedicated' ? from.service : undefined)
      const source = await targetOf(minion, from, template, instance.images, context)
      const { path, bytes } = await dumps.takeOne(source, context)
      writeMove(dirs.records, { minion, from, to, dump: path, state: 'moving' })
      context.log(`${path}: ${bytes} bytes`)
    },

    async fill(work, context) {
      const { minion, database } = work.rendered
      const record = readMove(dirs.records, minion)
      if (database) {
        const password = work.rendered.env[database.passwordEnv] ?? ''
        await databases.provide(minion, database, password, context)
      }
      if (record?.state !== 'moving' || record.dump === undefined) return
      const images = deps.readInstance(work.dir)?.images ?? 'registry'
      const target = await targetOf(minion, record.to, work.template, images, context)
      await dumps.load(record.dump, target, context)
      if (!(await dumps.holds(record.dump, target, context)))
        throw new SummonerError(
          'database.differs',
          `What ${sideText(record.to)} gives back of ${minion} is not what it was given.`,
        )
      context.log(`${sideText(record.to)} holds the same, statement by statement.`)
    },

    accept(minion) {
      const record = readMove(dirs.records, minion)
      if (record?.state === 'moving') writeMove(dirs.records, { ...record, state: 'accepted' })
    },

    async finish(minion, context) {
      const record = readMove(dirs.records, minion)
      if (record?.state === 'accepted') await leftOf(record, context)
    },

    server: (minion) => deps.readKept(dirOf(minion))['DATABASE_SERVER'],

    async save(minion, context) {
      const found = sharedSide(minion)
      if (!found) return
      const { side, template, images } = found
      await databases.awaitServer(serverSpec(side.server), context)
      const { path } = await dumps.takeOne(await targetOf(minion, side, template, images, context), context)
      context.log(`Its last dump is ${path}`)
    },

    async purge(minion, context) {
      const server = sharedSide(minion)?.side.server
      if (server === undefined) return
      await databases.awaitServer(serverSpec(server), context)
      await databases.drop(minion, server)
    },

    async undo(minion, context) {
      const record = readMove(dirs.records, minion)
      if (record?.state !== 'moving') return
      await back(record, context)
      endMove(dirs.records, minion)
      const applied = readApplied(dirs.records, minion)
      const place = { project: projectOf(minion), dir: dirOf(minion) }
      if (applied && existsSync(join(place.dir, 'compose.override.yml'))) {
        await databases.connect(minion, applied.project, applied.database)
        await deps.exec(compose.up(place), { onLine: context.log, timeoutMs: 900_000 })
      } else if (existsSync(join(place.dir, 'compose.override.yml')))
        await deps.exec(compose.down(place), { onLine: context.log, timeoutMs: 900_000 })
      await deps.refreshMinion(minion)
      context.settle(startKey(minion))
      if (record.to.kind === 'shared') databases.release(record.to.server)
    },
  }

  /** Where a minion, that may have been dismissed, has its database; undefined when that is not on a shared server. */
  function sharedSide(
    minion: string,
  ): { side: Shared; template: Template; images: 'registry' | 'distro' } | undefined {
    const { DATABASE_SERVER: server, DATABASE_NAME: database } = deps.readKept(dirOf(minion))
    const instance = deps.readInstance(dirOf(minion))
    if (!server || !database || !instance) return undefined
    const template = deps.catalog.get(instance.template)
    return { side: { kind: 'shared', server, database }, template, images: instance.images }
  }

  function wantedSide(
    minion: string,
    template: Template,
    images: 'registry' | 'distro',
    database: SharedDatabase | undefined,
  ): Side {
    if (database) return { kind: 'shared', server: database.server, database: database.database }
    const { service } = sharingOf(template, images)
    return { kind: 'dedicated', service, folder: folderOf(minion, template, service) }
  }
}

const sameSide = (a: Side, b: Side): boolean =>
  a.kind === 'shared' && b.kind === 'shared' ? a.server === b.server : a.kind === b.kind

async function removeIfEmpty(folder: string): Promise<void> {
  if ((await readdir(folder).catch(() => ['?'])).length === 0)
    await rm(folder, { recursive: true, force: true })
}

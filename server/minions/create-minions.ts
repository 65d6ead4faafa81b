/**
 * The room of minions, put together. Its shape:
 *
 *   wishes.ts, plan.ts        what config.yml asks for, and what would change
 *   summon.ts, bring-up.ts    a wish becomes containers; dismiss.ts and power.ts take them away, stop and start them
 *   applied.ts                the record of what was brought up
 *   monitor.ts, status.ts     what the containers do, and what that means in a word
 *   view.ts                   the list that everybody asks for
 *   reconcile.ts              after a start of the daemon, or of the engine
 *   follow.ts, sites.ts       the proxy kept in step
 */
import type { FastifyInstance } from 'fastify'
import type { ConfigVersion } from '../config/config-file.ts'
import type { SharedDatabases } from '../databases/database.ts'
import type { JobKind } from '../jobs/job.ts'
import type { Publisher } from '../proxy/publish.ts'
import { randomText } from '../secrets/random.ts'
import { hostFiles, hostSpace } from '../system/host.ts'
import { holdersOf } from '../system/sockets.ts'
import { createFolders } from '../templates/create-folders.ts'
import { unmetNeeds } from '../templates/host-needs.ts'
import { readInstance, readKept } from '../templates/read-instance.ts'
import { render } from '../templates/render.ts'
import { nextSubnets } from '../templates/subnets.ts'
import { acceptInstance, restorePrevious, writeInstance } from '../templates/write-instance.ts'
import { applyRoutes } from './apply.routes.ts'
import { listApplied } from './applied.ts'
import type { Use } from './database-servers.ts'
import type { MinionDeps } from './deps.ts'
import type { Follower } from './follow.ts'
import { createInstances, hostRoutes } from './instances.ts'
import { minionDetailRoutes } from './minion-detail.routes.ts'
import { minionsRoutes } from './minions.routes.ts'
import { createMonitor } from './monitor.ts'
import { restartKind, startKind, stopKind } from './power.ts'
import { reconcile, replayJournal } from './reconcile.ts'
import { createRefresh } from './refresh.ts'
import { settingsRoutes } from './settings.routes.ts'
import { createMinionList } from './view.ts'
import { createUpdateWatch } from './watch-updates.ts'
import { createWishes, type WishesDeps } from './wishes.ts'

type Given =
  | 'box'
  | 'dirs'
  | 'config'
  | 'catalog'
  | 'engine'
  | 'exec'
  | 'projection'
  | 'images'
  | 'certificates'
  | 'keeper'
  | 'jobs'
  | 'events'
  | 'formerHosts'
  | 'redactor'
  | 'now'

interface DatabasesRoom extends SharedDatabases {
  routes(app: FastifyInstance): Promise<void>
  start(): void
  stop(): void
}

interface RoomDeps extends Pick<MinionDeps, Given> {
  keeper: MinionDeps['keeper'] & { troubles(): ReadonlyMap<string, string> }
  /** A typo in config.yml must not hide what runs. */
  lastGood(): ConfigVersion
  publisher: Publisher
  follower: Follower
  /** Servers of shared databases, given what config.yml wishes of them. */
  databases(wished: () => Use[]): DatabasesRoom
  placeOf: WishesDeps['placeOf']
  onError(error: unknown): void
}

export function createMinions({
  lastGood,
  publisher,
  follower,
  onError,
  databases,
  placeOf,
  ...given
}: RoomDeps) {
  const { box, dirs, catalog, engine, images, projection, jobs, events, now } = given
  const minionsDir = dirs.minions
  const wishes = createWishes({
    catalog,
    render,
    minionsDir,
    readInstance,
    readKept,
    random: randomText,
    box,
    applied: () => listApplied(dirs.records),
    placeOf,
  })
  const shared = databases(() => wishes.uses(lastGood().config))
  const monitor = createMonitor({
    projection,
    events,
    working: (minion) => jobs.active(minion) !== undefined,
    now,
    onVerdict: follower.soon,
  })
  const deps: MinionDeps = {
    ...given,
    monitor,
    wishes,
    databases: shared,
    instances: createInstances({
      minionsDir,
      engine,
      images,
      readInstance,
      nextSubnets,
      now,
      routes: hostRoutes,
    }),
    render,
    readInstance,
    readKept,
    writeInstance,
    restorePrevious,
    acceptInstance,
    createFolders,
    hostSpace: (folder) => hostSpace(hostFiles, folder),
    unmetNeeds: (template) => unmetNeeds(template.description.resources, hostFiles.read),
    prepareProxy: publisher.prepareTree,
    syncProxy: publisher.sync,
    awaitProxyMinion: follower.awaitProxyMinion,
    portHolders: async (port) =>
      (await holdersOf(port, hostFiles)).map(({ process, pid }) =>
        pid ? `${process} (pid ${pid})` : process,
      ),
    refreshMinion: createRefresh({ engine, projection, boxId: box.id }),
  }
  const list = createMinionList({
    lastGood,
    catalog,
    wishes,
    projection,
    jobs,
    monitor,
    recordsDir: dirs.records,
    vhosts: publisher.states,
    troubles: given.keeper.troubles,
  })
  return {
    /** What the verbs of this room are given; those of other rooms build on it. */
    deps,
    list: list.all,
    find: list.find,
    kinds: [startKind(deps), stopKind(deps), restartKind(deps)] as JobKind[],
    watchUpdates: createUpdateWatch({
      wishes,
      config: () => lastGood().config,
      recordsDir: dirs.records,
      events,
    }),
    replay: replayJournal(deps),
    reconcile: () => reconcile(deps, onError),
    routes: async (app: FastifyInstance) => {
      await app.register(applyRoutes({ ...deps, followProxy: follower.soon }))
      await app.register(minionsRoutes({ ...deps, list: list.all, find: list.find }))
      await app.register(minionDetailRoutes({ ...deps, find: list.find }))
      await app.register(settingsRoutes(deps))
      await app.register(shared.routes)
    },
    start: () => shared.start(),
    stop() {
      shared.stop()
      monitor.stop()
    },
  }
}

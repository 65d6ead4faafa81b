/** The map of the house: stores -> adapters -> verbs -> jobs -> routes, top to bottom. Only this file knows every room. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism, homedir } from 'node:os'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { createAccounts } from './accounts/create-accounts.ts'
import { createTokens } from './accounts/create-tokens.ts'
import { tokensRoutes } from './accounts/tokens.routes.ts'
import { auditRoutes } from './audit/audit.routes.ts'
import { createAudit } from './audit/create-audit.ts'
import { createDumps } from './backups/create-dumps.ts'
import { openAuthority } from './certificates/authority.ts'
import { certificatesRoutes } from './certificates/certificates.routes.ts'
import { createCertificates } from './certificates/create-certificates.ts'
import { keeperOf } from './certificates/create-keeper.ts'
import { forgetStale, inUse } from './certificates/forget.ts'
import { createLedger } from './certificates/ledger-store.ts'
import { clearProofs } from './certificates/challenges/http-01.ts'
import { sourceOf } from './certificates/source.ts'
import { createBackups } from './backups/create-backups.ts'
import { createCertificateStore } from './certificates/store.ts'
import type { Config } from './config/config.ts'
import { createConfigFile } from './config/config-file.ts'
import { configRoutes } from './config/config.routes.ts'
import { createGlance } from './config/glance.ts'
import { lastGoodVersion } from './config/last-good.ts'
import { directories, type Environment } from './config/environment.ts'
import { openDatabase } from './db/open-database.ts'
import { createEngine } from './docker/engine.ts'
import { createExec, endLeftovers } from './docker/exec.ts'
import { createStreamExec } from './docker/stream-exec.ts'
import { createProjection } from './docker/projection.ts'
import { ownEventTypes } from './events/catalogue.ts'
import { createEvents } from './events/create-events.ts'
import { eventsRoutes } from './events/events.routes.ts'
import { createHttp } from './http/create-http.ts'
import { API } from './http/openapi.ts'
import { createWebPage } from './http/web-page.ts'
import { hashContext } from './images/context.ts'
import { createImages } from './images/create-images.ts'
import { createPushedImages } from './images/create-pushed-images.ts'
import { createRegistryProbe } from './images/registry.ts'
import { createJobs } from './jobs/create-jobs.ts'
import { jobsRoutes } from './jobs/jobs.routes.ts'
import { createLive } from './live/live.ts'
import { liveRoutes } from './live/live.routes.ts'
import { announceFailures } from './minions/announce.ts'
import { listApplied, readApplied } from './minions/applied.ts'
import { applyRoutes } from './minions/apply.routes.ts'
import { boxId } from './minions/box-id.ts'
import type { MinionDeps } from './minions/deps.ts'
import { dismissKind } from './minions/dismiss.ts'
import { createFollower } from './minions/follow.ts'
import { createFormerHosts } from './minions/former-host-store.ts'
import { createInstances, hostRoutes } from './minions/instances.ts'
import { minionDetailRoutes } from './minions/minion-detail.routes.ts'
import { minionsRoutes } from './minions/minions.routes.ts'
import { createMonitor } from './minions/monitor.ts'
import { createRefresh } from './minions/refresh.ts'
import { restartKind, startKind, stopKind } from './minions/power.ts'
import { reconcile, replayJournal } from './minions/reconcile.ts'
import { settingsRoutes } from './minions/settings.routes.ts'
import { managedSites } from './minions/sites.ts'
import { summonKind } from './minions/summon.ts'
import { createMinionList } from './minions/view.ts'
import { createUpdateWatch } from './minions/watch-updates.ts'
import { createWishes } from './minions/wishes.ts'
import { createProxy } from './proxy/create-proxy.ts'
import { fileStem } from './proxy/file-stem.ts'
import { isWildcard } from './proxy/hosts.ts'
import { createProbe } from './proxy/probe.ts'
import { createPublisher } from './proxy/publish.ts'
import { rotateLogs } from './proxy/rotate-logs.ts'
import { vhostsRoutes } from './proxy/vhosts.routes.ts'
import { vhostsOf } from './proxy/wanted.ts'
import { foreignVhosts } from './proxy/watcher.ts'
import { randomText } from './secrets/random.ts'
import { createSchedules } from './schedules/create-schedules.ts'
import { housekeeping } from './schedules/housekeeping.ts'
import { hoursOf } from './schedules/hours.ts'
import { createRedactor } from './secrets/redact.ts'
import { createSampling } from './samples/create-sampling.ts'
import { createSecrets } from './secrets/secrets.ts'
import { secretsRoutes } from './secrets/secrets.routes.ts'
import { createChecks } from './system/checks.ts'
import { announceUpdate } from './system/announce-update.ts'
import { createDiskWatch } from './system/watch-disks.ts'
import { createDoctor } from './system/doctor.ts'
import { doctorRoutes } from './system/doctor.routes.ts'
import { createGiveBack } from './system/give-back.ts'
import { hasIpv6, hostFiles, hostNetwork, hostSpace } from './system/host.ts'
import { holdersOf } from './system/sockets.ts'
import { createCatalog } from './templates/catalog.ts'
import { createFolders } from './templates/create-folders.ts'
import { unmetNeeds } from './templates/host-needs.ts'
import { importRoutes } from './templates/import/import.routes.ts'
import { readInstance, readKept } from './templates/read-instance.ts'
import { render } from './templates/render.ts'
import { nextSubnets } from './templates/subnets.ts'
import { templatesRoutes } from './templates/templates.routes.ts'
import { acceptInstance, restorePrevious, writeInstance } from './templates/write-instance.ts'
import { boxKey } from './webhooks/box-key.ts'
import { createHooks } from './webhooks/create-hooks.ts'
import { originsOf } from './webhooks/origins.ts'
import { sourceEventTypes } from './webhooks/sources/all.ts'
import { createNotifications } from './webhooks/create-notifications.ts'

export async function createApp({
  environment,
  logger,
}: {
  environment: Environment
  logger: FastifyBaseLogger
}) {
  const dirs = directories(environment.dataDir)
  for (const dir of [dirs.minions, dirs.certificates, dirs.dumps, dirs.backups, dirs.records])
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  // read by nginx's workers, who are not root in their container
  mkdirSync(dirs.proxy, { recursive: true, mode: 0o755 })
  const now = () => new Date()
  const version = packageVersion(environment.home)
  const onError = (error: unknown) => logger.error({ err: error }, 'Something in the background failed.')
  const box = {
    id: boxId(join(dirs.state, 'box-id'), () => randomBytes(8).toString('hex')),
    projectPrefix: environment.projectPrefix,
    dataDir: environment.dataDir,
    httpPort: environment.httpPort,
    httpsPort: environment.httpsPort,
    cpus: availableParallelism(),
  }

  // stores
  const { db, quarantined } = openDatabase({ file: join(dirs.state, 'summoner.db'), log: logger })
  const events = createEvents({ db, log: logger })
  const tokens = createTokens({ db, randomBytes })
  const formerHosts = createFormerHosts(db)
  const redactor = createRedactor()
  const audit = createAudit({
    db,
    now,
    log: logger,
    redact: redactor.redact,
    isUser: (name) => accounts.people.has(name),
  })
  const secrets = createSecrets({
    dir: join(dirs.state, 'secrets'),
    redactor,
    // one of them may be the password of a host
    onChanged: () => follower.soon(),
  })
  const config = createConfigFile({
    path: environment.configFile,
    home: homedir(),
    previousDir: join(dirs.state, 'config'),
    clock: now,
    onWritten: ({ text }, before) => {
      glance.forget()
      audit.configWritten(before, text)
      events.append({ type: 'config.changed', title: 'config.yml changed' })
      // options of the proxy need no container, so they wait for no apply
      follower.soon()
    },
  })

  // adapters
  const childrenDir = join(dirs.run, 'children')
  const leftovers = await endLeftovers(childrenDir)
  const { engineSocket, network } = environment
  const programs = { runDir: childrenDir, network, engineSocket, redact: redactor.redact }
  const exec = createExec(programs)
  const engine = createEngine({ socketPath: engineSocket })
  const projection = createProjection({ engine, boxId: box.id, onError })
  const jobs = createJobs({
    db,
    log: logger,
    redact: redactor.redact,
    newId: () => randomBytes(6).toString('hex'),
    onBehalf: audit.onBehalf,
  })
  const pushed = createPushedImages({
    db,
    engine,
    projection,
    jobs,
    applied: () => listApplied(dirs.records),
    readKept,
    minionsDir: dirs.minions,
    now,
  })
  const images = createImages({
    engine,
    exec,
    insteadOfBuilding: pushed.insteadOfBuilding,
    minionsDir: environment.minionsDir,
    scriptsDir: join(environment.home, 'scripts'),
    network: environment.network,
    boxId: box.id,
  })
  const store = createCertificateStore({ dir: dirs.certificates })
  const authority = await openAuthority({ dir: dirs.certificates, used: () => store.list().length > 0, now })
  const lastVersion = lastGoodVersion({
    file: config,
    keptAt: join(dirs.state, 'last-good.yml'),
    onError,
  })
  const lastGood = () => lastVersion().config
  const glance = createGlance(lastGood, performance.now.bind(performance))
  const source = (host: string) => sourceOf(host, lastGood(), publisher.wishOf(host))
  const certificates = createCertificates({ store, authority, now, events, source })
  const proxy = createProxy({
    engine,
    container: async () => projection.ours('nginx')[0],
    dirs,
    ports: { http: environment.httpPort, https: environment.httpsPort, ipv6: hasIpv6() },
    rootPem: certificates.rootPem,
    probe: createProbe({ port: environment.httpPort }),
    events,
  })
  const catalog = createCatalog({ minionsDir: environment.minionsDir, hashContext })

  // verbs
  const wishes = createWishes({
    catalog,
    render,
    minionsDir: dirs.minions,
    readInstance,
    readKept,
    random: randomText,
    box,
  })
  const instances = createInstances({
    minionsDir: dirs.minions,
    engine,
    images,
    readInstance,
    nextSubnets,
    now,
    routes: hostRoutes,
  })
  const publisher = createPublisher({
    wanted: async () => {
      const { domain, subnets, sites, applications } = lastGood()
      return vhostsOf({
        domain,
        subnets,
        managed: managedSites({ recordsDir: dirs.records, projection, jobs, applications }),
        sites,
        secretOf: secrets.get,
        foreign: foreignVhosts(projection.all()),
        former: formerHosts.list(),
      })
    },
    secure: (wish) => (wish?.tls ?? lastGood().tls) !== 'none',
    certificates,
    proxy,
    onPublished: () => keeper.soon(),
  })
  const shown = {
    list: () => inUse(certificates.list(), publisher.usedCertificates()),
    rootPem: certificates.rootPem,
  }
  const keeper = keeperOf({
    ledger: createLedger(db),
    store,
    events,
    now,
    random: Math.random,
    hosts: publisher.secureHosts,
    source,
    proxyRuns: () => projection.ours('nginx').some(({ state }) => state === 'running'),
    publish: publisher.sync,
    unusable: certificates.problem,
    onError,
    dirs,
    network: environment.network,
    secrets,
    exec,
    email: () => lastGood().email,
  })
  const follower = createFollower({ publisher, jobs, onError })
  const watchDisks = createDiskWatch({
    events,
    paths: () =>
      [environment.dataDir, lastGood().vsroot, lastGood().dbsroot].filter((path) => existsSync(path)),
    space: hostFiles.space,
  })
  const watchUpdates = createUpdateWatch({ wishes, config: lastGood, recordsDir: dirs.records, events })
  const monitor = createMonitor({ projection, events, now, onVerdict: follower.soon })
  const minions: MinionDeps = {
    box,
    dirs,
    config,
    catalog,
    engine,
    exec,
    projection,
    images,
    certificates,
    keeper,
    jobs,
    monitor,
    events,
    formerHosts,
    wishes,
    instances,
    redactor,
    now,
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
  const accounts = createAccounts({
    db,
    events,
    randomBytes,
    now,
    domain: () => lastGood().domain,
    origin: () => pageOrigin(lastGood(), environment),
  })
  const streams = createStreamExec(programs)
  const dumps = createDumps({
    ...minions,
    streams,
    newId: () => randomBytes(4).toString('hex'),
    redact: redactor.redact,
  })
  const backups = createBackups({
    ...minions,
    db,
    version,
    lastGood,
    readable: (length) => randomText(length, 'alphanumeric'),
    dumps,
    streams,
    summon: summonKind(minions),
    secret: secrets.get,
    random: Math.random,
    configFile: environment.configFile,
    minionsDir: environment.minionsDir,
    onError,
  })
  const schedules = createSchedules({
    db,
    now,
    hours: () => hoursOf(lastGood()),
    onError,
    schedules: () => [
      ...backups.schedules(),
      ...housekeeping({
        lookAtDisks: watchDisks,
        lookForUpdates: watchUpdates,
        renewCertificates: follower.soon,
        forgetCertificates: () => {
          const used = publisher.usedCertificates()
          if (used) forgetStale(store, used, now())
        },
        rotateLogs: async () => {
          const reopen = async () => {
            for (const { id } of projection.ours('nginx')) await engine.kill(id, 'USR1')
          }
          await rotateLogs({ dir: join(lastGood().vsroot, 'nginx/logs'), reopen })
        },
      }),
    ],
  })
  const list = createMinionList({
    lastGood: lastVersion,
    catalog,
    wishes,
    projection,
    jobs,
    monitor,
    recordsDir: dirs.records,
    vhosts: publisher.states,
    troubles: keeper.troubles,
  })
  const sampling = createSampling({
    db,
    now,
    containers: () => projection.ours(),
    minions: list.all,
    find: list.find,
    hostsOf: (minion) =>
      publisher
        .states()
        .filter(({ vhost }) => vhost.owner === `minion:${minion}`)
        .map(({ vhost: { host } }) => ({ host, stem: fileStem(host) })),
    logs: () => join(lastGood().vsroot, 'nginx/logs'),
    folders: () => [lastGood().vsroot, lastGood().dbsroot, environment.dataDir, '/'],
    cpus: box.cpus,
    version,
    onError,
  })
  const notifications = createNotifications({
    db,
    events,
    jobs,
    config: glance.config,
    configFile: config,
    secret: secrets.get,
    hasSecret: (name) => secrets.list().some((secret) => secret.name === name),
    redact: redactor.redact,
    ownHosts: () => new Set(publisher.states().map(({ vhost }) => vhost.host)),
    ports: { http: environment.httpPort, https: environment.httpsPort },
    ownAuthorities: certificates.trust,
    types: () => [...ownEventTypes(), ...sourceEventTypes()],
    home: environment.home,
    version,
    newUid: () => `msg_${randomBytes(12).toString('hex')}`,
    random: Math.random,
    onError,
  })
  const doctor = createDoctor(
    createChecks({
      engine,
      exec,
      files: hostFiles,
      network: hostNetwork,
      config: () => config.read().config,
      catalog,
      proxy,
      registryAnswers: createRegistryProbe(environment.network),
      certificates: shown,
      vhosts: () =>
        publisher
          .states()
          .map(({ vhost }) => vhost)
          .filter(({ host, problem }) => problem === undefined && !isWildcard(host)),
      environment,
      directories: dirs,
      destinations: backups.destinations,
      uid: process.getuid?.() ?? 0,
      now: Date.now,
    }),
  )

  const hooks = createHooks({
    db,
    events,
    config: glance.config,
    configFile: config,
    origins: () => originsOf(lastGood(), box),
    engine,
    ours: projection.ours,
    applied: (minion) => {
      const applied = readApplied(dirs.records, minion)
      return applied && { ...applied, template: applied.application.template }
    },
    kept: (minion) => readKept(join(dirs.minions, minion)),
    secretNamed: secrets.get,
    setSecret: secrets.set,
    redactor,
    boxKey: boxKey(join(dirs.state, 'hooks.key'), randomBytes),
    randomBytes,
    now,
    onError,
  })

  // jobs
  jobs.register(summonKind(minions))
  jobs.register(dismissKind(minions))
  jobs.register(startKind(minions))
  jobs.register(stopKind(minions))
  jobs.register(restartKind(minions))
  for (const kind of dumps.kinds) jobs.register(kind)
  for (const kind of backups.kinds) jobs.register(kind)
  for (const kind of pushed.kinds) jobs.register(kind)

  // routes
  const http = await createHttp({
    logger,
    authenticate: tokens.authenticate,
    sessions: accounts.check,
    page: createWebPage({ dir: join(environment.home, 'web/dist') }),
    version,
  })
  audit.watch(http)
  await http.register(sampling.atRoot)
  await http.register(hooks.publicRoutes)
  await http.register(
    async (api) => {
      await api.register(configRoutes({ configFile: config }))
      await api.register(applyRoutes({ ...minions, followProxy: follower.soon }))
      await api.register(templatesRoutes({ catalog }))
      await api.register(importRoutes({ catalog, minionsDir: environment.minionsDir }))
      await api.register(minionsRoutes({ ...minions, list: list.all, find: list.find }))
      await api.register(minionDetailRoutes({ ...minions, find: list.find }))
      await api.register(settingsRoutes(minions))
      await api.register(dumps.routes)
      await api.register(backups.routes)
      await api.register(pushed.routes)
      await api.register(schedules.routes)
      await api.register(jobsRoutes({ jobs }))
      await api.register(eventsRoutes({ events, types: () => [...ownEventTypes(), ...sourceEventTypes()] }))
      await api.register(hooks.routes)
      await api.register(
        liveRoutes({ live: createLive({ list: list.all, projection, jobs, events, onError }) }),
      )
      await api.register(vhostsRoutes({ publisher }))
      await api.register(certificatesRoutes({ certificates: shown, keeper, now }))
      await api.register(secretsRoutes({ secrets }))
      await api.register(tokensRoutes({ tokens }))
      await api.register(accounts.routes)
      await api.register(auditRoutes({ audit }))
      await api.register(sampling.routes)
      await api.register(notifications.routes)
      await api.register(doctorRoutes({ doctor }))
    },
    { prefix: API },
  )

  let working = false
  let giveBack: ReturnType<typeof createGiveBack> | undefined
  let begun: Promise<void> | undefined
  /** The journal and the repairs compare with what runs: without the engine they wait, and jobs stay queued. */
  const resume = async () => {
    begun ??= dumps
      .sweep()
      .catch(onError)
      .then(() =>
        jobs.start(async (entry) => {
          await backups.replay(entry)
          await replayJournal(minions)(entry)
        }),
      )
    await begun
    await reconcile(minions, onError)
  }

  return {
    http,
    /** Sees what is there; nothing is changed yet. Before the sockets open, so that no answer is a guess. */
    async observe() {
      for (const [minion, { secrets: names }] of listApplied(dirs.records)) {
        const kept = readKept(join(dirs.minions, minion))
        for (const name of names) redactor.add(kept[name] ?? '')
      }
      if (leftovers > 0) logger.warn(`Ended ${leftovers} programs that an earlier daemon had left.`)
      if (quarantined)
        events.append({
          type: 'database.quarantined',
          severity: 'error',
          title: `The history was damaged and set aside: ${quarantined.file}`,
        })
      projection.onConnection((state, detail) => {
        const severity = state === 'lost' ? 'error' : 'info'
        events.append({ type: `engine.${state}`, severity, title: detail })
        if (state === 'back' && working) void resume().catch(onError)
      })
      await projection.start()
    },
    /** Puts back what a crash left, then works. After the sockets are ours: no second daemon does the same. */
    async work() {
      projection.onChange(follower.soon)
      await clearProofs(join(dirs.proxy, 'acme'))
      hooks.start()
      jobs.subscribe(announceFailures(events))
      sampling.start()
      notifications.start()
      working = true
      giveBack = createGiveBack({ jobs })
      if (projection.connected()) await resume()
      backups.start()
      schedules.start()
      announceUpdate({ file: join(dirs.state, 'version'), version, events })
      watchUpdates()
      events.append({ type: 'daemon.started', title: `Summoner ${version} started` })
    },
    async stop() {
      schedules.stop()
      await keeper.stop()
      await notifications.stop(5_000)
      await jobs.stop(5_000)
      giveBack?.stop()
      await backups.stop()
      monitor.stop()
      sampling.stop()
      follower.stop()
      projection.stop()
      hooks.stop()
      db.close()
    },
  }
}

/** As browsers spell it: without the port that belongs to the scheme. */
function pageOrigin(
  { domain, tls }: Pick<Config, 'domain' | 'tls'>,
  { httpPort, httpsPort }: Pick<Environment, 'httpPort' | 'httpsPort'>,
): string {
  const [scheme, port] = tls === 'none' ? ['http', httpPort] : ['https', httpsPort]
  return new URL(`${scheme}://summoner.${domain}:${port}`).origin
}

function packageVersion(home: string): string {
  return (JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }).version
}

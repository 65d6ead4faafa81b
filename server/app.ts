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
import { createBackups } from './backups/create-backups.ts'
import { createDumps } from './backups/create-dumps.ts'
import { createTrust } from './certificates/create-trust.ts'
import { createConfigFile } from './config/config-file.ts'
import { configRoutes } from './config/config.routes.ts'
import type { Config } from './config/config.ts'
import { directories, type Environment } from './config/environment.ts'
import { createGlance } from './config/glance.ts'
import { lastGoodVersion } from './config/last-good.ts'
import { placeOf } from './config/place-of.ts'
import { createDatabases } from './databases/create-databases.ts'
import { createMove } from './databases/create-move.ts'
import { openDatabase } from './db/open-database.ts'
import { createEngine } from './docker/engine.ts'
import { createExec, endLeftovers } from './docker/exec.ts'
import { createProjection } from './docker/projection.ts'
import { createStreamExec } from './docker/stream-exec.ts'
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
import { liveRoutes } from './live/live.routes.ts'
import { createLive } from './live/live.ts'
import { announceFailures } from './minions/announce.ts'
import { listApplied, readApplied } from './minions/applied.ts'
import { boxId } from './minions/box-id.ts'
import { createMinions } from './minions/create-minions.ts'
import { createFollower } from './minions/follow.ts'
import { createFormerHosts } from './minions/former-host-store.ts'
import { managedSites } from './minions/sites.ts'
import { dismissKind } from './minions/dismiss.ts'
import { summonKind } from './minions/summon.ts'
import { createProxy } from './proxy/create-proxy.ts'
import { fileStem } from './proxy/file-stem.ts'
import { isWildcard } from './proxy/hosts.ts'
import { createProbe } from './proxy/probe.ts'
import { createPublisher } from './proxy/publish.ts'
import { rotateLogs } from './proxy/rotate-logs.ts'
import { vhostsRoutes } from './proxy/vhosts.routes.ts'
import { vhostsOf } from './proxy/wanted.ts'
import { foreignVhosts } from './proxy/watcher.ts'
import { createSampling } from './samples/create-sampling.ts'
import { createSchedules } from './schedules/create-schedules.ts'
import { hoursOf } from './schedules/hours.ts'
import { housekeeping } from './schedules/housekeeping.ts'
import { randomText } from './secrets/random.ts'
import { createRedactor } from './secrets/redact.ts'
import { secretsRoutes } from './secrets/secrets.routes.ts'
import { createSecrets } from './secrets/secrets.ts'
import { announceUpdate } from './system/announce-update.ts'
import { createChecks } from './system/checks.ts'
import { doctorRoutes } from './system/doctor.routes.ts'
import { createDoctor } from './system/doctor.ts'
import { createGiveBack } from './system/give-back.ts'
import { hasIpv6, hostFiles, hostNetwork } from './system/host.ts'
import { createDiskWatch } from './system/watch-disks.ts'
import { createCatalog } from './templates/catalog.ts'
import { importRoutes } from './templates/import/import.routes.ts'
import { readKept } from './templates/read-instance.ts'
import { serverEngine } from './templates/shared-database.ts'
import { templatesRoutes } from './templates/templates.routes.ts'
import { createTerminals } from './terminals/create-terminals.ts'
import { terminalsRoutes } from './terminals/terminals.routes.ts'
import { boxKey } from './webhooks/box-key.ts'
import { createHooks } from './webhooks/create-hooks.ts'
import { createNotifications } from './webhooks/create-notifications.ts'
import { originsOf } from './webhooks/origins.ts'
import { sourceEventTypes } from './webhooks/sources/all.ts'

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
    awaited: (minion) => serverEngine(minion) !== undefined,
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
  const lastVersion = lastGoodVersion({
    file: config,
    keptAt: join(dirs.state, 'last-good.yml'),
    onError,
  })
  const lastGood = () => lastVersion().config
  const glance = createGlance(lastGood, performance.now.bind(performance))
  const trust = await createTrust({
    db,
    dirs,
    config: lastGood,
    events,
    secrets,
    exec,
    network,
    publisher: () => publisher,
    proxyRuns: () => projection.ours('nginx').some(({ state }) => state === 'running'),
    now,
    random: Math.random,
    onError,
  })
  const { certificates, keeper } = trust
  const proxy = createProxy({
    engine,
    container: async () => projection.ours('nginx')[0],
    dirs,
    ports: { http: environment.httpPort, https: environment.httpsPort, ipv6: hasIpv6() },
    trusted: () => lastGood().proxy?.trusted ?? [],
    rootPem: certificates.rootPem,
    probe: createProbe({ port: environment.httpPort }),
    events,
  })
  const catalog = createCatalog({ minionsDir: environment.minionsDir, hashContext })

  // verbs
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
  const follower = createFollower({ publisher, jobs, onError })
  const watchDisks = createDiskWatch({
    events,
    paths: () =>
      [environment.dataDir, lastGood().vsroot, lastGood().dbsroot].filter((path) => existsSync(path)),
    space: hostFiles.space,
  })
  const minions = createMinions({
    box,
    dirs,
    config,
    lastGood: lastVersion,
    catalog,
    engine,
    exec,
    projection,
    images,
    certificates,
    keeper,
    jobs,
    events,
    formerHosts,
    redactor,
    now,
    publisher,
    follower,
    databases: (wished) =>
      createDatabases({
        engine,
        projection,
        jobs,
        catalog,
        applied: () => listApplied(dirs.records),
        wished,
        onError,
      }),
    placeOf: (application, key) => placeOf(config.readText().text, environment.configFile, application, key),
    onError,
  })
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
    ...minions.deps,
    streams,
    newId: () => randomBytes(4).toString('hex'),
    redact: redactor.redact,
  })
  const move = createMove({ ...minions.deps, dumps })
  const summon = summonKind({ ...minions.deps, move })
  const backups = createBackups({
    ...minions.deps,
    db,
    version,
    lastGood,
    readable: (length) => randomText(length, 'alphanumeric'),
    dumps,
    streams,
    summon,
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
        lookForUpdates: minions.watchUpdates,
        renewCertificates: follower.soon,
        forgetCertificates: trust.forgetStale,
        rotateLogs: async () => {
          const reopen = async () => {
            for (const { id } of projection.ours('nginx')) await engine.kill(id, 'USR1')
          }
          await rotateLogs({ dir: join(lastGood().vsroot, 'nginx/logs'), reopen })
        },
      }),
    ],
  })
  const sampling = createSampling({
    db,
    now,
    containers: () => projection.ours(),
    minions: minions.list,
    find: minions.find,
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
      certificates: trust.shown,
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
    onCrowd: () => giveBack?.crowd(),
  })

  const terminals = createTerminals({
    engine,
    ours: projection.ours,
    allowed: () => glance.config().terminal,
    newId: () => randomBytes(16).toString('hex'),
    now,
    onEnd: ({ minion, service }, owner, why) =>
      audit.happened(owner, 'endTerminal', `${minion} ${service} ${why}`),
    onError,
  })

  // jobs
  jobs.register(summon)
  jobs.register(dismissKind({ ...minions.deps, move }))
  for (const { kinds } of [minions, dumps, backups, pushed]) for (const kind of kinds) jobs.register(kind)

  // routes
  const http = await createHttp({
    logger,
    authenticate: tokens.authenticate,
    sessions: accounts.check,
    page: createWebPage({ dir: join(environment.home, 'web/dist') }),
    webhooks: hooks.publicRoutes,
    version,
  })
  audit.watch(http)
  await http.register(sampling.atRoot)
  await http.register(
    async (api) => {
      await api.register(configRoutes({ configFile: config }))
      await api.register(templatesRoutes({ catalog, images: () => lastGood().images }))
      await api.register(importRoutes({ catalog, minionsDir: environment.minionsDir }))
      await api.register(minions.routes)
      await api.register(terminalsRoutes({ terminals }))
      await api.register(dumps.routes)
      await api.register(backups.routes)
      await api.register(pushed.routes)
      await api.register(schedules.routes)
      await api.register(jobsRoutes({ jobs }))
      await api.register(eventsRoutes({ events, types: () => [...ownEventTypes(), ...sourceEventTypes()] }))
      await api.register(hooks.routes)
      await api.register(
        liveRoutes({ live: createLive({ list: minions.list, projection, jobs, events, onError }) }),
      )
      await api.register(vhostsRoutes({ publisher }))
      await api.register(trust.routes)
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
          await minions.replay(entry)
        }),
      )
    await begun
    await minions.reconcile()
  }

  return {
    http,
    /** Sees what is there; nothing is changed yet. Before the sockets open, so that no answer is a guess. */
    async observe() {
      // without any version of it there is nothing that could be served
      lastGood()
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
      await trust.start()
      hooks.start()
      jobs.subscribe(announceFailures(events))
      sampling.start()
      notifications.start()
      working = true
      giveBack = createGiveBack({ jobs })
      if (projection.connected()) await resume()
      minions.start()
      backups.start()
      schedules.start()
      announceUpdate({ file: join(dirs.state, 'version'), version, events })
      minions.watchUpdates()
      events.append({ type: 'daemon.started', title: `Summoner ${version} started` })
    },
    async stop() {
      schedules.stop()
      await trust.stop()
      await terminals.stop()
      await notifications.stop(5_000)
      await jobs.stop(5_000)
      giveBack?.stop()
      await backups.stop()
      minions.stop()
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

/** The first half of a summon: files, images, containers; and the way back. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as compose from '../docker/compose.ts'
import { SummonerError } from '../errors.ts'
import type { StepContext } from '../jobs/job.ts'
import { serverEngine, type SharedDatabase } from '../templates/shared-database.ts'
import {
  beginChange,
  endChange,
  readApplied,
  readInFlight,
  removeApplied,
  writeApplied,
  type Applied,
} from './applied.ts'
import { refuseUnmetNeeds } from './add.ts'
import type { MinionDeps } from './deps.ts'
import { driftOf } from './fingerprint.ts'
import { refuseTakenPorts } from './free-ports.ts'
import { runCommand } from './run-command.ts'
import { renameEnv, type Work } from './summon-work.ts'

export async function prepare(
  minion: string,
  dir: string,
  deps: MinionDeps,
  context: StepContext,
  server?: SharedDatabase,
): Promise<Work> {
  const { config } = deps.config.read()
  const application = deps.wishes.application(minion, config, server)
  if (!application) throw new SummonerError('minion.unknown', `${minion} is not in config.yml any more.`)
  const template = deps.catalog.get(application.template)
  await refuseUnmetNeeds(application.template, deps)
  const instance = await deps.instances.decide(application, template, config)
  try {
    const rendered = deps.render(deps.wishes.input(application, config, instance, deps.readKept(dir)))
    for (const name of rendered.secrets) deps.redactor.add(rendered.env[name] ?? '')
    const before = beginChange(deps.dirs.records, minion)
    await deps.createFolders(rendered.folders)
    if (minion === 'nginx') await deps.prepareProxy()
    const changed = await deps.writeInstance({ dir, template, rendered, instance })
    context.log(changed ? `Wrote ${dir}` : 'The files are as they should be.')
    return { config, application, template, rendered, before, dir }
  } finally {
    deps.instances.release(minion)
  }
}

export async function provideImages(
  { rendered, template, dir }: Work,
  deps: MinionDeps,
  context: StepContext,
): Promise<void> {
  await deps.images.ensure(rendered.images, template.dir, context)
  const own = rendered.services
    .filter(({ service }) => template.compose.services[service]?.build !== undefined)
    .map(({ service, image }) => ({
      service,
      reference: image,
      template: template.name,
      hash: rendered.hash,
    }))
  if (own.length > 0 && !(await deps.images.bringBack(own, context)))
    await deps.exec(compose.build({ project: rendered.project, dir }), {
      signal: context.signal,
      timeoutMs: 3_600_000,
      onLine: context.log,
      env: { DOCKER_BUILDKIT: '0' },
    })
}

export async function bringUp(
  work: Work,
  /** `hidden`: nobody is let in before it is ready, though it was before. */
  deps: MinionDeps & { hidden?: boolean },
  context: StepContext,
): Promise<void> {
  const { rendered, template, application, before, dir } = work
  const minion = rendered.minion
  // a stopped or broken minion can be renamed too: `after` does the same work
  const runs = (name: string) =>
    deps.projection.ours(minion).some(({ service, state }) => service === name && state === 'running')
  const renamedFrom =
    before && before.host !== rendered.host && before.ready
      ? { host: before.host, url: before.url }
      : before?.renamedFrom
  if (before && before.host !== rendered.host)
    for (const command of (template.description.rename?.before ?? []).filter(({ service }) => runs(service)))
      await runCommand({ minion, command, variables: rendered.env, env: renameEnv(before, rendered) }, deps)
  const applied: Applied = {
    application,
    templateHash: template.hash,
    hash: rendered.hash,
    project: rendered.project,
    host: rendered.host,
    url: rendered.url,
    web: rendered.web,
    services: rendered.services,
    secrets: rendered.secrets,
    images: deps.readInstance(dir)?.images ?? 'registry',
    health: template.description.health ?? {},
    ready: deps.hidden === true ? false : (before?.ready ?? false),
    fingerprints: {},
    ...(rendered.admin ? { admin: rendered.admin } : {}),
    ...(rendered.database ? { database: rendered.database } : {}),
    ...(renamedFrom ? { renamedFrom } : {}),
  }
  if (minion === 'nginx') await refuseTakenPorts(deps)
  // written first: whatever `up` leaves behind after a crash is known to be ours to judge
  writeApplied(deps.dirs.records, minion, applied)
  if (before && before.project !== rendered.project) {
    await deps.databases.connect(minion, before.project, undefined)
    await deps.exec(compose.down({ project: before.project, dir }))
  }
  const recreate = driftOf(before?.fingerprints ?? {}, deps.projection.ours(minion)).length > 0
  const place = { project: rendered.project, dir }
  // the server joins before anything looks for it, and leaves before another takes its name
  if (rendered.database)
    await deps.exec(compose.up(place, { start: false }), { onLine: context.log, timeoutMs: 900_000 })
  await deps.databases.connect(minion, rendered.project, rendered.database)
  await deps.exec(compose.up(place, { recreate }), {
    onLine: context.log,
    timeoutMs: 900_000,
  })
  await deps.refreshMinion(minion)
  if (serverEngine(minion)) await deps.databases.connectTenants(minion)
}

/** A first summon leaves no container; a change puts the previous files back and brings them up. From disk only: a crash may lie between. */
export async function takeContainersBack(
  minion: string,
  dir: string,
  deps: MinionDeps,
  context: StepContext,
): Promise<void> {
  const inFlight = readInFlight(deps.dirs.records, minion)
  if (!inFlight) return
  const { before } = inFlight
  if (before?.ready) {
    await deps.restorePrevious(dir)
    writeApplied(deps.dirs.records, minion, before)
    await deps.databases.connect(minion, before.project, before.database)
    await deps.exec(compose.up({ project: before.project, dir }), { onLine: context.log, timeoutMs: 900_000 })
  } else {
    const project = readApplied(deps.dirs.records, minion)?.project ?? `${deps.box.projectPrefix}${minion}`
    await deps.databases.connect(minion, project, undefined)
    if (existsSync(join(dir, 'compose.override.yml')))
      await deps.exec(compose.down({ project, dir }, 10), { onLine: context.log })
    removeApplied(deps.dirs.records, minion)
  }
  endChange(deps.dirs.records, minion)
  await deps.refreshMinion(minion)
  await deps
    .syncProxy()
    .catch((error: unknown) => context.log(`The proxy was not brought back: ${String(error)}`))
}

/** Only where no container was touched: else they have gone back already. */
export async function takeFilesBack(minion: string, dir: string, deps: MinionDeps): Promise<void> {
  if (!readInFlight(deps.dirs.records, minion)) return
  await deps.restorePrevious(dir)
  endChange(deps.dirs.records, minion)
}
